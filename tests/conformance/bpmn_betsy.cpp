// The suite `bpmn-betsy`: executable models with the trace that a run must leave, and models to refuse.
//
//   conformance_bpmn_betsy DIR
#include "conformance/bpmn_betsy_refusals.h"
#include "conformance/bpmn_betsy_runs.h"

int main(int argc, char** argv) {
    using namespace madang;
    if (argc != 2) {
        std::fputs("usage: conformance_bpmn_betsy DIR\n", stderr);
        return 2;
    }
    conformance::Tally tally;
    conformance::judge_runs(argv[1], tally);
    conformance::judge_refusals(argv[1], tally);
    conformance::judge_true_negatives(argv[1], tally);
    return tally.finish();
}
