// Verifies signed checkpoints and inclusion proofs with @sigstore/verify.
// Prints what it read from the checkpoint, or the error, for each case.
"use strict";
const { createPublicKey } = require("node:crypto");
const { readFileSync } = require("node:fs");
const { dirname, join } = require("node:path");

const tlog = join(dirname(require.resolve("@sigstore/verify")), "tlog");
const { verifyCheckpoint } = require(join(tlog, "checkpoint.js"));
const { verifyMerkleInclusion } = require(join(tlog, "merkle.js"));

const SPKI_ED25519 = Buffer.from("302a300506032b6570032100", "hex");

function check(item) {
  const key = createPublicKey({
    key: Buffer.concat([SPKI_ED25519, Buffer.from(item.publicKey, "hex")]),
    format: "der",
    type: "spki",
  });
  const log = { logID: Buffer.from(item.keyId, "hex"), baseURL: item.name, publicKey: key };
  const entry = {
    canonicalizedBody: Buffer.from(item.leaf, "hex"),
    inclusionProof: {
      logIndex: String(item.index),
      hashes: item.proof.map((hash) => Buffer.from(hash, "hex")),
      checkpoint: { envelope: item.checkpoint },
    },
  };
  try {
    const checkpoint = verifyCheckpoint(entry, [log]);
    verifyMerkleInclusion(entry, checkpoint);
    return [checkpoint.origin, String(checkpoint.logSize), checkpoint.logHash.toString("hex")];
  } catch (error) {
    return error.message;
  }
}

const given = JSON.parse(readFileSync(process.argv[2], "utf8"));
process.stdout.write(JSON.stringify(given.map(check)));
