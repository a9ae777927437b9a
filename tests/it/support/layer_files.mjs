// Writes the QGIS layer file of every layer, as the page of layers offers it: node layer_files.mjs qlr.ts ADDRESS FOLDER
import fs from 'node:fs';
import { createRequire } from 'node:module';

const [source, address, folder] = process.argv.slice(2);
const typescript = createRequire(source)('typescript');
const written = typescript.transpileModule(fs.readFileSync(source, 'utf8'), {
  compilerOptions: { module: 'ESNext', target: 'ES2022' },
});
const { layerFile } = await import(`data:text/javascript,${encodeURIComponent(written.outputText)}`);
const { layers } = await (await fetch(`${address}/api/v1/layers`)).json();
const own = (text) => text.zh;
for (const layer of layers.filter((it) => it.readable)) {
  const text = layerFile(layer, own(layer.title), own, `${address}/wfs`);
  if (text !== null) fs.writeFileSync(`${folder}/${layer.id}.qlr`, text);
}
