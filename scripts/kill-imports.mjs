// Uploads, previews, applies, and kills the server at a random moment of it; then asks the database what is there.
//
//   node scripts/kill-imports.mjs FOLDER ROUNDS ROWS    (by scripts/kill-imports)
import { execFileSync, spawn } from "node:child_process";
import { openSync } from "node:fs";

const [folder, rounds, rows] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const { MUTU_TOKEN: token, MUTU_SOCKET: socket, MUTU_BIN: mutu } = process.env;
if (!token || !socket) throw new Error("no token or no database: start this by scripts/kill-imports");
const database = `postgres://mutu@localhost/mutu?host=${encodeURIComponent(socket)}`;
const log = openSync(`${folder}/killed.log`, "a");
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// A server of its own for each round.
async function serve() {
  const child = spawn(mutu, ["serve", "--listen", "127.0.0.1:0", "--data-dir", `${folder}/none`], {
    env: { ...process.env, DATABASE_URL: database, TMPDIR: folder },
    stdio: ["ignore", "pipe", log],
  });
  let printed = "";
  const url = await new Promise((resolve, reject) => {
    child.on("exit", () => reject(new Error(`the server ended: ${printed}`)));
    child.stdout.on("data", (text) => {
      printed += text;
      const found = printed.match(/Mutu is at (http\S+)/);
      if (found && printed.includes("Ctrl-C")) resolve(found[1]);
    });
  });
  child.removeAllListeners("exit");
  const ended = new Promise((resolve) => child.on("exit", resolve));
  return {
    url,
    kill: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

function sql(text) {
  const line = execFileSync("psql", ["-h", socket, "-U", "mutu", "-d", "mutu", "-qAtX", "-F", " ", "-c", text]);
  return line.toString().trim().split(/\s+/);
}

async function ask(server, method, path, body) {
  const json = body && !(body instanceof FormData);
  const response = await fetch(server.url + path, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(json ? { "content-type": "application/json" } : {}) },
    body: json ? JSON.stringify(body) : body,
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
  return answer;
}

async function over(server, job) {
  for (;;) {
    const now = await ask(server, "GET", `/api/v1/jobs/${job.job_id}`);
    if (!["queued", "running"].includes(now.state)) return now;
    await sleep(25);
  }
}

// Enterprises that nobody else has, with the check character of their codes (GB 32100).
function file(round) {
  const letters = "0123456789ABCDEFGHJKLMNPQRTUWXY";
  const lines = ["统一社会信用代码,企业名称"];
  for (let nth = 0; nth < rows; nth++) {
    const body = `91310114MA${String(round * rows + nth).padStart(7, "0")}`;
    let [sum, weight] = [0, 1];
    for (const it of body) [sum, weight] = [sum + letters.indexOf(it) * weight, (weight * 3) % 31];
    lines.push(`${body}${letters[(31 - (sum % 31)) % 31]},企业${round}-${nth}`);
  }
  return new Blob([lines.join("\n") + "\n"]);
}

async function preview(server, round) {
  const form = new FormData();
  form.append("file", file(round), `${round}.csv`);
  form.append("into", "enterprises");
  const batch = await ask(server, "POST", "/api/v1/imports", form);
  const job = await over(server, batch.job);
  if (job.state !== "done") throw new Error(`the preview: ${JSON.stringify(job)}`);
  return batch.batch_id;
}

// What is there of a batch: its rows, its state and its job's.
function found(batch) {
  const [written, state, job, attempts] = sql(
    `select (select count(*) from mutu.enterprise where batch_id = b.batch_id), b.state, j.state, j.attempts
     from mutu.import_batch b join mutu.job j on j.batch_id = b.batch_id and j.kind = 'apply'
     where b.batch_id = ${Number(batch)} order by j.created_at desc limit 1`,
  );
  return { written: Number(written), state, job, attempts: Number(attempts) };
}

const tally = { before: 0, after: 0, finished: 0, taken_again: 0, wrong: 0 };
let server = await serve();
const stages = {};

// How long it takes when nobody kills it.
const times = [];
for (let round = 0; round < 3; round++) {
  const batch = await preview(server, round);
  const started = performance.now();
  await over(server, await ask(server, "POST", `/api/v1/imports/${batch}/apply`));
  times.push(performance.now() - started);
}
const usual = times.sort((a, b) => a - b)[1];
console.log(`一次导入约 An import takes about ${usual.toFixed(0)} ms; ${rounds} rounds of ${rows} rows`);

for (let round = 3; round < rounds + 3; round++) {
  const batch = await preview(server, round);
  await ask(server, "POST", `/api/v1/imports/${batch}/apply`);
  await sleep(Math.random() * usual * 1.1);
  await server.kill();
  const [stage] = sql(
    `select coalesce(state || ':' || coalesce(progress ->> 'stage', ''), '') from mutu.job where batch_id = ${batch} and kind = 'apply'`,
  );
  stages[stage] = (stages[stage] ?? 0) + 1;
  // What the dead server's connections had begun comes to its end by itself.
  const working = "select count(*) from pg_stat_activity where datname = 'mutu' and state <> 'idle' and pid <> pg_backend_pid()";
  const until = Date.now() + 10_000;
  while (Number(sql(working)[0]) > 0 && Date.now() < until) await sleep(50);
  const now = found(batch);
  const before = now.written === 0 && now.state === "previewed" && ["queued", "running"].includes(now.job);
  const after = now.written === rows && now.state === "applied" && now.job === "done";
  if (before) tally.before++;
  if (after) tally.after++;
  // Its lease would run out by itself in half a minute.
  sql("update mutu.job set lease_until = now() - interval '1 s' where state = 'running'");
  server = await serve();
  let end = found(batch);
  for (const until = Date.now() + 60_000; end.job !== "done" && Date.now() < until; end = found(batch)) await sleep(50);
  const whole = end.written === rows && end.state === "applied" && end.job === "done";
  if (whole) tally.finished++;
  if (end.attempts > 1) tally.taken_again++;
  if ((!before && !after) || !whole) {
    tally.wrong++;
    console.log(`round ${round}: ${JSON.stringify(now)} then ${JSON.stringify(end)}`);
  }
  if ((round - 2) % 20 === 0) console.log(`${round - 2}: ${JSON.stringify(tally)}`);
}
const [all, chunks] = sql(
  "select (select count(*) from mutu.enterprise_current), (select count(*) from mutu.upload_chunk)",
).map(Number);
await server.kill();
console.log(JSON.stringify({ rounds, ...tally, enterprises: all, expected: (rounds + 3) * rows, chunks_left: chunks, killed_at: stages }));
if (tally.wrong > 0 || all !== (rounds + 3) * rows) process.exit(1);
