// Parses scripts as ES2017 with acorn; prints the name and the error of each that is newer.
"use strict";
const { readFileSync } = require("node:fs");
const { parse } = require("acorn");

const newer = [];
for (const [name, text] of JSON.parse(readFileSync(process.argv[2], "utf8"))) {
  try {
    parse(text, { ecmaVersion: 2017, sourceType: "script" });
  } catch (error) {
    newer.push([name, error.message]);
  }
}
process.stdout.write(JSON.stringify(newer));
