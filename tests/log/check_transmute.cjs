// Verifies our proofs with @transmute/rfc9162, and lets it make its own from the same leaves.
// Prints the cases it refused, as JSON; hashes are hex.
"use strict";
const { createHash } = require("node:crypto");
const { readFileSync } = require("node:fs");

// The package asks for the browser's digest first; answering at once saves it an exception a hash.
globalThis.window = {
  crypto: { subtle: { digest: (_name, content) => createHash("sha256").update(content).digest() } },
};
const { RFC9162 } = require("@transmute/rfc9162");

const bytes = (hex) => new Uint8Array(Buffer.from(hex, "hex"));
const hex = (hashes) => hashes.map((item) => Buffer.from(item).toString("hex"));
const powerOfTwo = (n) => (n & (n - 1)) === 0;

async function main() {
  const given = JSON.parse(readFileSync(process.argv[2], "utf8"));
  const leaves = given.leaves.map(bytes);
  const leafHashes = await Promise.all(leaves.map((leaf) => RFC9162.leaf(leaf)));
  const roots = given.roots.map(bytes);
  const refused = [];

  for (const [index, size, path] of given.inclusion) {
    const proof = { log_id: "", tree_size: size, leaf_index: index, inclusion_path: path.map(bytes) };
    if (!(await RFC9162.verifyInclusionProof(roots[size], leafHashes[index], proof))) {
      refused.push(["inclusion", index, size]);
    }
  }
  for (const [old, size, path] of given.consistency) {
    // RFC 9162 section 2.1.4.2 step 2 is left to the caller by this package.
    const items = (powerOfTwo(old) ? [roots[old]] : []).concat(path.map(bytes));
    const proof = { log_id: "", tree_size_1: old, tree_size_2: size, consistency_path: items };
    if (!(await RFC9162.verifyConsistencyProof(roots[old], roots[size], proof))) {
      refused.push(["consistency", old, size]);
    }
  }
  for (const size of given.generate) {
    const part = leaves.slice(0, size);
    const root = hex([await RFC9162.treeHead(part)])[0];
    const paths = [];
    for (let index = 0; index < size; index++) paths.push(hex(await RFC9162.PATH(index, part)));
    const proofs = [];
    for (let old = 1; old < size; old++) proofs.push(hex(await RFC9162.PROOF(old, part)));
    const ours = given.made[size];
    if (JSON.stringify([root, paths, proofs]) !== JSON.stringify(ours)) refused.push(["generated", size]);
  }
  process.stdout.write(JSON.stringify(refused));
}

main();
