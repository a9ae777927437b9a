// Opens a running Mutu in a browser and prints how long the map takes, what a moved bound asks for, and whether a long table
// shows gaps while it is scrolled. `scripts/bench-map` starts the servers.
//
//   node scripts/bench-map.mjs http://127.0.0.1:8080 http://127.0.0.1:8081 http://127.0.0.1:8082 7
import { createRequire } from "node:module";

const { chromium } = createRequire(new URL("../web-map/package.json", import.meta.url))("playwright-core");
const [district, long, many, rounds] = process.argv.slice(2);

const options = {
  executablePath: process.env.MUTU_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist", "--disable-dev-shm-usage"],
};
const viewport = { width: 1366, height: 768 };
const office = { viewport, locale: "zh-CN" };
const spread = (all) => {
  const sorted = [...all].sort((a, b) => a - b);
  const at = (part) => Math.round(sorted[Math.floor((sorted.length - 1) * part)]);
  return `median ${at(0.5)} ms (least ${at(0)}, most ${at(1)}, n = ${sorted.length})`;
};

/** Counts the tiles that workers are asked to load and to parse again, and the requests for tiles. */
async function counted(page) {
  const counts = { requests: 0 };
  page.on("request", (it) => (counts.requests += /\/tiles\//.test(it.url()) ? 1 : 0));
  await page.addInitScript(() => {
    window.parsed = { LT: 0, RT: 0 };
    const post = Worker.prototype.postMessage;
    Worker.prototype.postMessage = function (message, ...rest) {
      if (message?.type in window.parsed) window.parsed[message.type] += 1;
      return post.call(this, message, ...rest);
    };
  });
  return { read: async () => ({ requests: counts.requests, ...(await page.evaluate(() => window.parsed)) }) };
}

// A new browser each time: nothing is in any cache.
const cold = [];
for (let round = 0; round < Number(rounds); round += 1) {
  const browser = await chromium.launch(options);
  const page = await browser.newPage(office);
  const from = performance.now();
  await page.goto(district);
  await page.locator('.map[data-map-idle="true"]').waitFor({ timeout: 300_000 });
  cold.push(performance.now() - from);
  await browser.close();
}
console.log(`cold browser to the whole map, 1366x768: ${spread(cold)}`);

const browser = await chromium.launch(options);
{
  const page = await browser.newPage(office);
  const tiles = await counted(page);
  const { layers } = await (await fetch(`${many}/api/v1/layers`)).json();
  const theme = layers.find((it) => it.role === "theme" && it.readable && it.fields.some((one) => one.unit === "mu" && one.readable));
  const field = theme.fields.find((it) => it.unit === "mu" && it.readable);
  await page.goto(`${many}/?l=${theme.id},1,1&t=${theme.id},${field.name},quantile,5,ylgnbu&v=1`);
  await page.locator('.map[data-map-idle="true"]').waitFor({ timeout: 300_000 });
  const handle = page.getByRole("slider", { name: /分界 2/ });
  await handle.waitFor();
  await page.locator(".theme-legend li").nth(3).waitFor();
  await page.waitForTimeout(2_000);
  const before = await tiles.read();
  if (before.LT === 0) throw new Error("no tile was parsed: the messages to the workers are not what they were");
  const steps = [];
  await handle.focus();
  for (let step = 0; step < 12; step += 1) {
    // Watched for before the key comes down.
    await page.evaluate(() => {
      window.told = new Promise((done, fail) => {
        let from = 0;
        addEventListener("keydown", () => (from = performance.now()), { once: true, capture: true });
        const seen = new MutationObserver(() => {
          seen.disconnect();
          requestAnimationFrame(() => done(performance.now() - from));
        });
        seen.observe(document.querySelector(".theme-legend"), { subtree: true, characterData: true, childList: true });
        setTimeout(() => fail(new Error("no sum changed within 60 s")), 60_000);
      });
    });
    // There and back: the next bound stops it.
    await page.keyboard.press(step % 2 === 0 ? "ArrowRight" : "ArrowLeft");
    steps.push(await page.evaluate(() => window.told));
    await page.waitForTimeout(400);
  }
  const after = await tiles.read();
  const figures = await page.locator(".theme-legend li:not(.legend-head) .figure:not(.area)").allInnerTexts();
  const classed = figures.reduce((sum, it) => sum + Number(it.replaceAll(",", "")), 0);
  console.log(`a bound moved by a key, ${theme.data.count} rows, ${classed} of them classed: totals after ${spread(steps)}`);
  console.log(`  in ${steps.length} steps: tiles asked for ${after.requests - before.requests}, loaded ${after.LT - before.LT}, parsed again ${after.RT - before.RT}`);
  await page.close();
}
{
  const page = await browser.newPage(office);
  await page.goto(`${long}/`);
  await page.locator('.map[data-map-idle="true"]').waitFor({ timeout: 300_000 });
  await page.getByRole("button", { name: "地块表格" }).click();
  const grid = page.getByRole("grid");
  await grid.locator(".rows-body [role=row]").first().waitFor({ timeout: 60_000 });
  const rows = Number(await grid.getAttribute("aria-rowcount")) - 1;
  const seen = await grid.evaluate(async (scroller) => {
    const head = scroller.querySelector(".rows-head").getBoundingClientRect().bottom;
    const { left, width, bottom } = scroller.getBoundingClientRect();
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    let frames = 0;
    let gaps = 0;
    const end = scroller.scrollHeight - scroller.clientHeight;
    // Some 25 rows a frame, which is faster than a wheel turns.
    for (let at = 0; at < end; at += 750) {
      scroller.scrollTop = at;
      await frame();
      await frame();
      frames += 1;
      for (let y = head + 4; y < bottom - 14; y += 20) {
        const hit = document.elementFromPoint(left + width / 2, y);
        if (hit?.closest(".rows-body [role=row]")) continue;
        gaps += 1;
        break;
      }
    }
    return { frames, gaps };
  });
  console.log(`a table of ${rows} rows scrolled through in ${seen.frames} steps: ${seen.gaps} with a gap`);
}
await browser.close();
