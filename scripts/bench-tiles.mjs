// Asks a running Mutu for every tile of the parcels' extent at three zooms, twice, and prints the times.
//
//   node scripts/bench-tiles.mjs http://127.0.0.1:8080
const [base] = process.argv.slice(2);
const TILES_PER_ZOOM = 200;
const PARALLEL = 4;

const tileJson = await (await fetch(`${base}/tiles/parcels.json`)).json();
if (!tileJson.bounds) throw new Error(`${base}/tiles/parcels.json has no bounds: ${JSON.stringify(tileJson)}`);

for (const zoom of [12, 14, 16]) {
  const paths = tilesIn(tileJson.bounds, zoom).slice(0, TILES_PER_ZOOM);
  for (const pass of ["first", "again"]) report(`tiles z${zoom}, ${pass}`, await askAll(paths));
}

function tilesIn([west, south, east, north], zoom) {
  const size = 2 ** zoom;
  const column = (lon) => Math.floor(((lon + 180) / 360) * size);
  const row = (lat) => Math.floor(((1 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / Math.PI) / 2) * size);
  const paths = [];
  for (let x = column(west); x <= column(east); x++)
    for (let y = row(north); y <= row(south); y++) paths.push(`/tiles/parcels/${zoom}/${x}/${y}`);
  return paths;
}

async function askAll(paths) {
  const answers = [];
  const queue = [...paths];
  const started = performance.now();
  const ask = async () => {
    for (let path = queue.pop(); path; path = queue.pop()) {
      const from = performance.now();
      const response = await fetch(base + path);
      if (!response.ok) throw new Error(`${path}: ${response.status}`);
      const bytes = (await response.arrayBuffer()).byteLength;
      answers.push({ ms: performance.now() - from, bytes });
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, ask));
  return { answers, seconds: (performance.now() - started) / 1000 };
}

function report(name, { answers, seconds }) {
  const ms = answers.map((it) => it.ms).sort((a, b) => a - b);
  const at = (share) => ms[Math.min(ms.length - 1, Math.floor(ms.length * share))].toFixed(1);
  const kib = (answers.reduce((sum, it) => sum + it.bytes, 0) / 1024 / answers.length).toFixed(1);
  console.log(
    `${name.padEnd(28)} ${ms.length} tiles, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, ` +
      `${(ms.length / seconds).toFixed(0)}/s, mean ${kib} KiB`,
  );
}
