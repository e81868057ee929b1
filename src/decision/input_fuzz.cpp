#include <cstdint>
#include <string>

#include "base/json.h"
#include "decision/decision.h"

namespace {

using namespace madang;

// Types with components, a collection, allowed values, a table and a loop: what an input can be bent against.
constexpr const char* kModel = R"(<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="m" namespace="urn:m">
  <itemDefinition name="Age"><typeRef>number</typeRef><allowedValues><text>[0..150]</text></allowedValues></itemDefinition>
  <itemDefinition name="Person"><itemComponent name="age"><typeRef>Age</typeRef></itemComponent>
    <itemComponent name="name"><typeRef>string</typeRef></itemComponent><itemComponent name="born"><typeRef>date</typeRef></itemComponent></itemDefinition>
  <itemDefinition name="People" isCollection="true"><typeRef>Person</typeRef></itemDefinition>
  <inputData id="people" name="people"><variable name="people" typeRef="People"/></inputData>
  <inputData id="any" name="any"><variable name="any"/></inputData>
  <decision id="sum" name="sum"><variable name="sum"/><informationRequirement><requiredInput href="#people"/></informationRequirement>
    <literalExpression><text>sum(for p in people return p.age) + count(people[age > 17])</text></literalExpression></decision>
  <decision id="out" name="out"><variable name="out"/><informationRequirement><requiredDecision href="#sum"/></informationRequirement>
    <informationRequirement><requiredInput href="#any"/></informationRequirement>
    <decisionTable hitPolicy="COLLECT"><input><inputExpression><text>any</text></inputExpression></input>
      <input><inputExpression><text>sum</text></inputExpression></input><output/>
      <rule><inputEntry><text>"a", 5, [1..3]</text></inputEntry><inputEntry><text>&lt; 40</text></inputEntry><outputEntry><text>string(any)</text></outputEntry></rule>
      <rule><inputEntry><text>not(true, null)</text></inputEntry><inputEntry><text>-</text></inputEntry><outputEntry><text>{x: any, y: [any, sum]}</text></outputEntry></rule>
      <rule><inputEntry><text>-</text></inputEntry><inputEntry><text>? &gt; 3</text></inputEntry><outputEntry><text>any.name</text></outputEntry></rule>
    </decisionTable></decision></definitions>)";

}  // namespace

// Whatever the input is, it is refused as JSON or the model answers, and looking rules up changes nothing.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto model = decision::parse_dmn(kModel, "model.dmn");
    if (!model) __builtin_trap();
    const auto input = parse_json(std::string_view(reinterpret_cast<const char*>(data), size));
    if (!input || !input->is_object()) return 0;
    feel::Budget budget;
    budget.steps = 10'000;
    const auto traced = decision::evaluate(*model, "out", input->get_object(), budget);
    const auto plain = decision::evaluate(*model, "out", input->get_object(), budget, decision::Traced::no);
    if (!traced || !plain || feel::text_of(traced->value) != feel::text_of(plain->value)) __builtin_trap();
    return 0;
}
