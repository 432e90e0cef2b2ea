// SPDX-License-Identifier: Apache-2.0
// Everything an embedder needs.
#pragma once

#include "pangu/batch.h"
#include "pangu/chat.h"
#include "pangu/constraint.h"
#include "pangu/dtype.h"
#include "pangu/engine.h"
#include "pangu/error.h"
#include "pangu/generation.h"
#include "pangu/grammar.h"
#include "pangu/sampling.h"
#include "pangu/speculation.h"
#include "pangu/token.h"
#include "pangu/tokenizer.h"
#include "pangu/tool_call.h"
