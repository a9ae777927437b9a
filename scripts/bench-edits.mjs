// Renames parcels one after another and measures how long it takes until a tile shows the new name.
//
//   node scripts/bench-edits.mjs http://127.0.0.1:8080 TOKEN EDITS
const [base, token, edits] = process.argv.slice(2);
const headers = { authorization: `Bearer ${token}` };
const ZOOM = 16;
const PATIENCE_MS = 10_000;

const asked = async (path, more = {}) => {
  const answer = await fetch(base + path, { ...more, headers: { ...headers, ...more.headers } });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer;
};

const page = await (await asked(`/ogc/collections/parcels/items?limit=${edits}`)).json();
const times = [];
for (const [at, feature] of page.features.entries()) {
  const code = feature.properties.parcel_code;
  const [lon, lat] = feature.geometry.coordinates[0][0][0];
  const side = 2 ** ZOOM;
  const x = Math.floor(((lon + 180) / 360) * side);
  const y = Math.floor(((1 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / Math.PI) / 2) * side);
  const name = `改名${at}号`;
  const current = await asked(`/api/v1/parcels/${encodeURIComponent(code)}`);
  await current.arrayBuffer();
  const wanted = Buffer.from(name);
  const from = performance.now();
  const edit = await asked(`/api/v1/parcels/${encodeURIComponent(code)}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json', 'if-match': current.headers.get('etag') },
    body: JSON.stringify({ properties: { name }, note: '测速' }),
  });
  await edit.arrayBuffer();
  const written = performance.now();
  for (;;) {
    const tile = Buffer.from(await (await asked(`/tiles/parcels/${ZOOM}/${x}/${y}`)).arrayBuffer());
    if (tile.includes(wanted)) break;
    if (performance.now() - written > PATIENCE_MS) throw new Error(`${code}: the tile does not show ${name}`);
  }
  times.push({ whole: performance.now() - from, after: performance.now() - written });
}
const report = (name, values) => {
  const ms = values.sort((a, b) => a - b);
  const at = (share) => ms[Math.min(ms.length - 1, Math.floor(ms.length * share))].toFixed(0);
  console.log(`${name}: ${ms.length} edits, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`);
};
report('edit asked for to tile shown', times.map((it) => it.whole));
report('edit answered to tile shown ', times.map((it) => it.after));
