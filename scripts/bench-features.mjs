// Follows `next` until so many features were passed and prints the path of the page that comes then, of any width.
//
//   node scripts/bench-features.mjs http://127.0.0.1:8080/ogc/collections/parcels/items 100000
const [items, depth] = process.argv.slice(2);

// Wide pages on the way; a cursor is good for any width.
let next = `${items}?limit=10000`;
let passed = 0;
while (passed < Number(depth)) {
  const response = await fetch(next);
  if (!response.ok) throw new Error(`${next}: ${response.status}`);
  const page = await response.json();
  passed += page.numberReturned;
  next = page.links.find((it) => it.rel === "next")?.href;
  if (!next) throw new Error(`the collection ends after ${passed}`);
}
const url = new URL(next);
url.searchParams.delete("limit");
console.log(url.pathname + url.search);
