// SPDX-License-Identifier: Apache-2.0
// What the server has: its models, and the defaults of sampling.
import {requestJson} from './client.js';

/** The models: [{id, context, status}], `context` in tokens or null, `status` ready, loading, unloaded or failed. */
export async function listModels(signal) {
  const answer = await requestJson('v1/models', {signal});
  return (answer.data ?? []).map((model) => ({
    id: String(model.id),
    status: model.status ?? 'ready',
    context: model.max_model_len ?? model.context_length ?? model.meta?.n_ctx ?? model.meta?.n_ctx_train ?? null,
  }));
}

/** /props as it is; null where the server has none. */
export async function serverProps(signal) {
  try {
    return await requestJson('props', {signal});
  } catch (error) {
    if (error.name === 'AbortError' || error.status === 401) throw error;
    return null;
  }
}

/** The sampling defaults in /props, by our names of the settings. */
export function samplingDefaults(props) {
  const settings = props?.default_generation_settings ?? {};
  const params = settings.params ?? settings;
  return {
    temperature: params.temperature, top_p: params.top_p, top_k: params.top_k, min_p: params.min_p,
    max_tokens: params.max_tokens ?? params.n_predict, seed: params.seed,
  };
}
