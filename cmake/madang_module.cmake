# madang_module(<room> DEPENDS <rooms> [PACKAGES <pkg-config names>] [LIBRARIES <targets or names>])
#
# One room of the house: the library madang_<room> from src/<room>/*.cpp, its tests <room>_test from
# *_test.cpp, its fuzz targets from *_fuzz.cpp. A room may depend only on rooms that stand on an
# earlier line of src/CMakeLists.txt, so no loop can exist; the test `layers` compares the includes
# with DEPENDS.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
if(MADANG_TESTS)
  find_package(GTest REQUIRED)
  include(GoogleTest)
endif()
set_property(GLOBAL PROPERTY MADANG_ROOMS "")

function(madang_embed_schema room files)
  set(folder ${CMAKE_BINARY_DIR}/generated/${room})
  set(list "")
  foreach(file IN LISTS files)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    get_filename_component(name ${file} NAME_WE)
    if(NOT name MATCHES "^([0-9][0-9][0-9][0-9])_([a-z0-9_]+)$")
      message(FATAL_ERROR "${file}: a schema step is called NNNN_name.sql")
    endif()
    math(EXPR number "1${CMAKE_MATCH_1} - 10000")
    file(READ ${file} sql)
    string(APPEND list "        {\"${room}\", ${number}, \"${CMAKE_MATCH_2}\", R\"schema(${sql})schema\"},\n")
  endforeach()
  file(CONFIGURE OUTPUT ${folder}/migrations.h @ONLY CONTENT "// Made by cmake/madang_module.cmake from src/${room}/schema.
#pragma once

#include <vector>

#include \"store/store.h\"

namespace madang::${room} {
std::vector<store::Migration> migrations();
}
")
  file(CONFIGURE OUTPUT ${folder}/migrations.cpp @ONLY CONTENT "// Made by cmake/madang_module.cmake from src/${room}/schema.
#include \"${room}/migrations.h\"

namespace madang::${room} {

std::vector<store::Migration> migrations() {
    return {
${list}    };
}

}  // namespace madang::${room}
")
endfunction()

function(madang_module room)
  cmake_parse_arguments(ARG "" "" "DEPENDS;PACKAGES;LIBRARIES" ${ARGN})
  get_property(known GLOBAL PROPERTY MADANG_ROOMS)
  foreach(dependency IN LISTS ARG_DEPENDS)
    if(NOT dependency IN_LIST known)
      message(FATAL_ERROR "${room} depends on ${dependency}, which is not on an earlier line of src/CMakeLists.txt")
    endif()
  endforeach()
  set_property(GLOBAL APPEND PROPERTY MADANG_ROOMS ${room})

  file(GLOB sources CONFIGURE_DEPENDS *.cpp detail/*.cpp)
  set(tests ${sources})
  set(fuzzers ${sources})
  list(FILTER sources EXCLUDE REGEX "_(test|fuzz|bench|main)\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cpp$")

  # schema/NNNN_name.sql becomes <room>/migrations.h: madang::<room>::migrations().
  file(GLOB schema CONFIGURE_DEPENDS schema/*.sql)
  if(schema)
    madang_embed_schema(${room} "${schema}")
    list(APPEND sources ${CMAKE_BINARY_DIR}/generated/${room}/migrations.cpp)
  endif()

  set(target madang_${room})
  add_library(${target} STATIC ${sources})
  target_include_directories(${target} PUBLIC ${CMAKE_SOURCE_DIR}/src ${CMAKE_BINARY_DIR}/generated)
  foreach(dependency IN LISTS ARG_DEPENDS)
    target_link_libraries(${target} PUBLIC madang_${dependency})
  endforeach()
  foreach(package IN LISTS ARG_PACKAGES)
    pkg_check_modules(${package} REQUIRED QUIET IMPORTED_TARGET ${package})
    target_link_libraries(${target} PUBLIC PkgConfig::${package})
  endforeach()
  target_link_libraries(${target} PUBLIC ${ARG_LIBRARIES} Threads::Threads)
  if(MADANG_PCH)
    if(room STREQUAL "base")
      target_precompile_headers(${target} PRIVATE ${CMAKE_SOURCE_DIR}/src/base/detail/precompiled.h)
    else()
      target_precompile_headers(${target} REUSE_FROM madang_base)
    endif()
  endif()

  if(MADANG_TESTS AND (tests OR fuzzers))
    # The fuzz targets of a room replay their corpus as ordinary tests: base/detail/replay_main.cpp.
    if(tests)
      add_executable(${room}_test ${tests})
      target_compile_definitions(${room}_test PRIVATE MADANG_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
      target_link_libraries(${room}_test PRIVATE ${target} GTest::gmock GTest::gtest_main)
      if(MADANG_PCH)
        target_precompile_headers(${room}_test REUSE_FROM madang_base)
      endif()
      gtest_discover_tests(${room}_test TEST_PREFIX ${room}. DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
                           PROPERTIES LABELS ${room} TIMEOUT 120)
    endif()
    foreach(fuzzer IN LISTS fuzzers)
      get_filename_component(name ${fuzzer} NAME_WE)
      if(MADANG_FUZZ)
        add_executable(${room}_${name} ${fuzzer})
        target_link_options(${room}_${name} PRIVATE -fsanitize=fuzzer)
      else()
        add_executable(${room}_${name} ${fuzzer} ${CMAKE_SOURCE_DIR}/src/base/detail/replay_main.cpp)
        add_test(NAME ${room}.replay.${name}
                 COMMAND ${room}_${name} ${CMAKE_CURRENT_SOURCE_DIR}/testdata/${name})
      endif()
      target_link_libraries(${room}_${name} PRIVATE ${target})
    endforeach()
  endif()
endfunction()
