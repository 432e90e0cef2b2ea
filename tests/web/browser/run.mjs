// SPDX-License-Identifier: Apache-2.0
// Uses the web page in Debian's Chromium, as people do.
//
//   node tests/web/browser/run.mjs                       against the stub of tests/web/stub
//   node tests/web/browser/run.mjs http://127.0.0.1:8080/ against a server that runs; what needs the
//                                                        stub's answers is skipped and says so
//   --screenshots DIR   keeps pictures of the page        --chromium PATH   another browser
import {parseArgs} from 'node:util';

const {values, positionals} = parseArgs({
  allowPositionals: true, options: {screenshots: {type: 'string'}, chromium: {type: 'string'}},
});
if (positionals.length > 1) throw new Error('one address at most');
if (positionals[0]) process.env.PANGU_WEB_URL = new URL(positionals[0]).href;
if (values.screenshots) process.env.PANGU_WEB_SCREENSHOTS = values.screenshots;
if (values.chromium) process.env.PANGU_CHROMIUM = values.chromium;
await import('./chat.test.mjs');
await import('./safety.test.mjs');
await import('./look.test.mjs');
await import('./status.test.mjs');
