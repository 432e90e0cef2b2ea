// SPDX-License-Identifier: Apache-2.0
// Renders templates with Python's own Jinja, for tests that compare.
#pragma once

#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "jinja/template.h"

namespace pangu::jinja::test {

/// Reads lines of {"template", "variables": [...]} and writes lines of [{"text"} or {"error"},
/// ...], one for each set of variables. Set up as Hugging Face does it, with `do`, and with lists
/// and dicts that can be changed.
inline constexpr std::string_view kOracleScript = R"py(
import datetime, json, sys
from jinja2 import nodes
from jinja2.exceptions import TemplateError
from jinja2.ext import Extension
from jinja2.sandbox import SandboxedEnvironment

def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators,
                      sort_keys=sort_keys)

def raise_exception(message):
    raise TemplateError(message)

class Generation(Extension):
    tags = {'generation'}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(['name:endgeneration'], drop_needle=True)
        return nodes.CallBlock(self.call_method('same'), [], [], body).set_lineno(line)

    def same(self, caller):
        return caller()

environment = SandboxedEnvironment(
    trim_blocks=True, lstrip_blocks=True,
    extensions=['jinja2.ext.loopcontrols', 'jinja2.ext.do', Generation])
environment.filters['tojson'] = tojson
environment.globals['raise_exception'] = raise_exception
environment.globals['strftime_now'] = lambda form: datetime.datetime.now().strftime(form)

def rendered(template, variables):
    try:
        return {'text': template.render(**variables)}
    except Exception as error:
        return {'error': f'{type(error).__name__}: {error}'}

for line in sys.stdin:
    case = json.loads(line)
    try:
        template = environment.from_string(case['template'])
        results = [rendered(template, variables) for variables in case['variables']]
    except Exception as error:
        results = [{'error': f'{type(error).__name__}: {error}'}] * len(case['variables'])
    print(json.dumps(results))
)py";

struct OracleCase {
  std::string source;
  std::vector<Json> variables;
};

/// The Python that has jinja2, or "": $PANGU_PYTHON, the system's, or the first one on the path.
inline std::string oracle_python() {
  const char* named = std::getenv("PANGU_PYTHON");
  for (const std::string python : {named ? named : "", "/usr/bin/python3", "python3"}) {
    const std::string command = python + " -c 'import jinja2' >/dev/null 2>&1";
    if (!python.empty() && std::system(command.c_str()) == 0) return python;
  }
  return "";
}

}  // namespace pangu::jinja::test
