// Unpacks the browser beside its package: the program and the libraries that draw without a graphics card.
// node unpack.mjs node_modules/@sparticuz/chromium/bin FOLDER
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { brotliDecompressSync } from "node:zlib";

const [from, to] = process.argv.slice(2);
mkdirSync(to, { recursive: true });
execFileSync("tar", ["-xf", "-", "--no-same-owner", "-C", to], { input: brotliDecompressSync(readFileSync(`${from}/swiftshader.tar.br`)) });
writeFileSync(`${to}/chromium`, brotliDecompressSync(readFileSync(`${from}/chromium.br`)));
chmodSync(`${to}/chromium`, 0o755);
