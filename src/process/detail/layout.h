// A picture for a model that carries none: layers from left to right by the longest path, sub-processes nested.
#pragma once

#include <functional>

#include "base/xml.h"
#include "process/diagram.h"

namespace madang::process {

Diagram lay_out(xml::Node definitions, const std::function<Shape(xml::Node)>& shape_of, const std::function<Edge(xml::Node)>& edge_of);

}  // namespace madang::process
