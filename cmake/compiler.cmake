# What every target is compiled with. Warnings are errors, in every preset.
find_program(MADANG_CCACHE ccache)
if(MADANG_CCACHE)
  # The two slacknesses are the ones that ccache's manual asks for with precompiled headers.
  set(launcher ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${MADANG_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # ccache needs the timestamp out of clang's precompiled headers.
  add_compile_options("SHELL:-Xclang -fno-pch-timestamp")
endif()

find_program(MADANG_MOLD mold)
if(MADANG_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# Position independent everywhere, libraries included: one precompiled header fits all.
add_compile_options(-fPIE)
add_link_options(-pie)
add_compile_options(-Wall -Wextra -Wpedantic -Werror -Wshadow -Wnon-virtual-dtor -Wold-style-cast
                    -Wcast-qual -Woverloaded-virtual -fno-omit-frame-pointer -fstack-protector-strong)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports these on its own std::expected and std::variant when it optimises.
  add_compile_options(-Wno-maybe-uninitialized -Wno-restrict -Wno-array-bounds -Wno-stringop-overflow
                      -Wno-stringop-overread -Wno-dangling-pointer)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  add_compile_definitions(_FORTIFY_SOURCE=2)
  add_link_options(-Wl,-z,relro -Wl,-z,now)
endif()
if(MADANG_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=address,undefined)
endif()
if(MADANG_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
