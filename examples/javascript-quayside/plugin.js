// Quayside (API 2): a unified workspace is a board. The README has the API.
import { manifest } from "./build/manifest.js"; // manifest.json, as `patchboard plugin build` embeds it
import { requestOf } from "./src/request.js";
import { stepOf } from "./src/response.js";
import { plugin } from "./vendor/patchboard.js";

export const mapper = plugin({
  manifest,
  mapRequest: (_account, request) => requestOf(request),
  mapResponse: (_account, request, _state, response) => stepOf(request, response),
});
