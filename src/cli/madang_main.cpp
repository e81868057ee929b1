#include "cli/command.h"

int main(int argc, char** argv) { return madang::cli::run_program(argc, argv); }
