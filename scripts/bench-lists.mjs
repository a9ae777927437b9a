// Works on one list of many cases as the page does, and says how long each act took.
//
//   node scripts/bench-lists.mjs http://127.0.0.1:8080 TOKEN CASES ROUNDS
const [base, token, cases, rounds] = process.argv.slice(2);
const most = Number(cases);
const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
// What the page sends and asks for at once.
const PAGE = 1000;
const AT_ONCE = 500;

const ask = async (method, path, body, more = {}) => {
  const answer = await fetch(base + path, {
    method,
    headers: { ...headers, ...more },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return Buffer.from(await answer.arrayBuffer());
};
const json = async (...given) => JSON.parse((await ask(...given)).toString());

const times = new Map();
const timed = async (name, act) => {
  const from = performance.now();
  const made = await act();
  times.set(name, [...(times.get(name) ?? []), performance.now() - from]);
  if (process.env.TOLD) console.log(name, Math.round(performance.now() - from));
  return made;
};

const codes = [];
for (let path = `/ogc/collections/parcels/items?f=json&limit=10000`; path; ) {
  const page = await json('GET', path);
  codes.push(...page.features.map((it) => it.properties.parcel_code));
  const next = page.links.find((it) => it.rel === 'next')?.href;
  path = next ? next.replace(base, '') : null;
}
// Codes are in their order, so that the last one wanted is a filter.
codes.sort();
const last = codes[Math.min(most, codes.length) - 1];
const filter = `parcel_code <= '${last}'`;

const sample = (bytes) => `${(bytes.length / 1024 / 1024).toFixed(1)} MiB`;
for (let round = 0; round < Number(rounds); round += 1) {
  const made = await timed('list made of a filter', () =>
    json('POST', '/api/v1/lists', {
      name: `长清单 ${round}`,
      kind: 'renewal',
      year: 2026,
      code_prefix: 'CL',
      selection: { layer: 'parcels', filter },
    }),
  );
  const list = `/api/v1/lists/${made.list.list_id}`;
  const read = async () => {
    const rows = [];
    for (let after = 0; after !== null; ) {
      const page = await json('GET', `${list}/cases?limit=${PAGE}${after ? `&after=${after}` : ''}`);
      rows.push(...page.cases);
      after = page.next;
    }
    return rows;
  };
  await timed('list named', () => json('GET', list));
  await timed('first page', () => json('GET', `${list}/cases?limit=${PAGE}`));
  let rows = await timed('all pages', read);
  if (round === 0) console.log(`${rows.length} cases`);
  const change = async (some, properties) => {
    for (let at = 0; at < some.length; at += AT_ONCE) {
      const part = some.slice(at, at + AT_ONCE);
      const changes = part.map((it, nth) => ({
        case_code: it.case_code,
        row_id: it.row_id,
        properties: properties(it, at + nth),
      }));
      const { saved } = await json('PATCH', `${list}/cases`, { changes });
      if (saved.length !== part.length) throw new Error(`${saved.length} of ${part.length} were saved`);
      const now = new Map(saved.map((it) => [it.case_code, it]));
      rows = rows.map((it) => now.get(it.case_code) ?? it);
    }
  };
  await timed('one cell saved', () => change(rows.slice(0, 1), () => ({ person: '甲' })));
  const newest = rows.reduce((most, it) => Math.max(most, it.row_id), 0);
  await timed('look for news', () => json('GET', `${list}/cases?newer_than=${newest}`));
  await timed('path of all', () => change(rows, () => ({ path: 'buyback' })));
  await timed('area filled down', () => change(rows, (_, nth) => ({ plan_area_mu: `${(nth % 50) + 0.25}` })));
  await timed('checks', () => json('GET', `${list}/checks`));
  await timed('freeze', () => json('POST', `${list}/freeze`, { note: '一' }));
  await timed('person of all', () => change(rows, () => ({ person: '乙' })));
  await timed('second freeze', () => json('POST', `${list}/freeze`, { note: '二' }));
  const differ = await timed('compare versions', () => json('GET', `${list}/compare?from=1&to=2`));
  if (differ.changed.length < rows.length - 1) throw new Error(`${differ.changed.length} cells differ`);
  await timed('versions', () => json('GET', `${list}/versions`));
  await timed('all pages as of version 1', async () => json('GET', `${list}/cases?limit=${PAGE}&version=1`));
  for (const format of ['xlsx', 'csv', 'geojson', 'gpkg', 'shp']) {
    const file = await timed(`export ${format}`, () => ask('GET', `${list}/export?format=${format}`));
    if (round === 0) console.log(`${format}: ${sample(file)}`);
  }
  // A file has pages up to a limit: of a longer list a part is printed.
  const unit = encodeURIComponent(rows[0].responsible_unit);
  const plan = await timed('list.pdf of a unit', () => ask('GET', `${list}/list.pdf?responsible_unit=${unit}`));
  const wall = await timed('wall.pdf, A0', () => ask('GET', `${list}/wall.pdf`));
  const of = rows.filter((it) => it.responsible_unit === rows[0].responsible_unit).length;
  if (round === 0) console.log(`list.pdf of ${of} cases: ${sample(plan)}, wall.pdf: ${sample(wall)}`);
  await timed('targets', () => json('GET', '/api/v1/targets?period=2026&kind=mu'));
  await timed('register of lists', () => json('GET', '/api/v1/lists'));
  await timed('milestones due', () => json('GET', '/api/v1/milestones'));
  for (const format of ['docx', 'pdf']) {
    await timed(`quarterly report, ${format}`, async () => {
      const { report_id: id } = await json('POST', '/api/v1/reports', { kind: 'quarterly', format });
      for (;;) {
        const { state, problem } = await json('GET', `/api/v1/reports/${id}`);
        if (state === 'done') return;
        if (state === 'failed') throw new Error(problem);
        await new Promise((done) => setTimeout(done, 20));
      }
    });
  }
}
for (const [name, all] of times) {
  const ms = all.toSorted((a, b) => a - b);
  const text = (it) => it.toFixed(it < 100 ? 1 : 0);
  console.log(
    `${name.padEnd(28)} ${text(ms[ms.length >> 1]).padStart(8)} ms   (${text(ms[0])} to ${text(ms.at(-1))})`,
  );
}
