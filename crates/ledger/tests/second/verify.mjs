// A second verifier, written from docs/ledger-format.md alone and sharing no code with the first. It checks a folder
// of exported entries with `allowed_signers`, `checkpoint.txt` and `machine.vkey`: bytes, digests, signatures, signed
// history, tree and checkpoint. It keeps no register of roles, and says so by naming only what it checked.

import { createHash, createPublicKey, verify } from "node:crypto";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const folder = process.argv[2];
const read = (name) => readFileSync(join(folder, name));
const hash = (algorithm, ...parts) =>
  parts.reduce((hasher, part) => hasher.update(part), createHash(algorithm)).digest();
const fail = (reason) => {
  console.error(reason);
  process.exit(1);
};

function canonical(value) {
  if (value === null || typeof value === "boolean" || typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw new Error("a number that the ledger refuses");
    return String(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  // JavaScript sorts by UTF-16 code units, as RFC 8785 wants it.
  const members = Object.keys(value).sort();
  return `{${members.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
}

function parseCanonical(bytes) {
  const value = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  if (!Buffer.from(canonical(value)).equals(bytes)) throw new Error("not canonical");
  return value;
}

const field = (bytes) => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, Buffer.from(bytes)]);
};
const fields = (...all) => Buffer.concat(all.map((one) => field(Buffer.from(one))));
const DER = Buffer.from("302a300506032b6570032100", "hex");
const ed25519 = (raw) => createPublicKey({ key: Buffer.concat([DER, raw]), format: "der", type: "spki" });

function armoured(publicKey, signature) {
  const blob = Buffer.concat([
    Buffer.from("SSHSIG"),
    Buffer.from([0, 0, 0, 1]),
    fields(fields("ssh-ed25519", publicKey), "signalbox-entry", "", "sha512", fields("ssh-ed25519", signature)),
  ]);
  const lines = blob.toString("base64").match(/.{1,70}/g);
  return `-----BEGIN SSH SIGNATURE-----\n${lines.join("\n")}\n-----END SSH SIGNATURE-----\n`;
}

function openSignature(bytes) {
  const body = bytes.toString("latin1").split("\n").slice(1, -2).join("");
  const blob = Buffer.from(body, "base64");
  const [publicKey, signature] = [blob.subarray(33, 65), blob.subarray(-64)];
  if (armoured(publicKey, signature) !== bytes.toString("latin1")) throw new Error("not in the one form");
  return { publicKey, signature };
}

function root(leaves) {
  if (leaves.length === 0) return hash("sha256");
  if (leaves.length === 1) return leaves[0];
  let half = 1;
  while (half * 2 < leaves.length) half *= 2;
  return hash("sha256", Buffer.from([1]), root(leaves.slice(0, half)), root(leaves.slice(half)));
}

const persons = new Map(
  read("allowed_signers")
    .toString()
    .trim()
    .split("\n")
    .map((line) => [line.split(" ").at(-1), line.split(" ")[0]]),
);
const leaves = [];
const ids = new Set();
let append = null;
const names = readdirSync(folder)
  .filter((name) => name.endsWith(".header.json"))
  .sort();
for (const [index, name] of names.entries()) {
  try {
    if (name !== `entry-${String(index).padStart(8, "0")}.header.json`) throw new Error("missing");
    const bytes = read(name);
    const header = parseCanonical(bytes);
    if (header.v !== 1) throw new Error("another version");
    const payload = name.replace("header", "payload");
    if (existsSync(join(folder, payload))) {
      if (hash("sha256", read(payload)).toString("hex") !== header.payload) throw new Error("payload changed");
      parseCanonical(read(payload));
    }
    const file = read(`${name}.sig`);
    const { publicKey, signature } = openSignature(file);
    const wire = fields("ssh-ed25519", publicKey);
    const fingerprint = `SHA256:${hash("sha256", wire).toString("base64").replace(/=+$/, "")}`;
    if (fingerprint !== header.key) throw new Error("another key");
    if (persons.get(wire.toString("base64")) !== header.author) throw new Error("unknown signer");
    const message = Buffer.concat([
      Buffer.from("SSHSIG"),
      fields("signalbox-entry", "", "sha512", hash("sha512", bytes)),
    ]);
    if (!verify(null, message, ed25519(publicKey), signature)) throw new Error("bad signature");
    const { size, root: seen } = header.after;
    const continues = append?.act === header.act && append.size === size && append.root === seen;
    if (size === String(index) ? seen !== root(leaves).toString("hex") : !continues) throw new Error("other history");
    append = { act: header.act, size, root: seen };
    if (ids.has(header.id)) throw new Error("repeated");
    ids.add(header.id);
    leaves.push(hash("sha256", Buffer.from([0]), bytes, "\n", file));
  } catch (error) {
    fail(`entry ${index}: ${error.message}`);
  }
}

const [origin, keyId, keyText] = read("machine.vkey").toString().trim().split("+");
const typed = Buffer.from(keyText, "base64");
if (hash("sha256", `${origin}\n`, typed).subarray(0, 4).toString("hex") !== keyId) fail("the key's id is wrong");
const [text, signatures] = read("checkpoint.txt").toString().split("\n\n");
if (text !== `${origin}\n${leaves.length}\n${root(leaves).toString("base64")}`) fail("the checkpoint is another");
const signed = signatures
  .split("\n")
  .filter((line) => line.startsWith(`— ${origin} `))
  .map((line) => Buffer.from(line.split(" ")[2], "base64"))
  .some(
    (line) =>
      line.subarray(0, 4).toString("hex") === keyId &&
      verify(null, Buffer.from(`${text}\n`), ed25519(typed.subarray(1)), line.subarray(4)),
  );
if (!signed) fail("the checkpoint is not signed");
console.log(`verified ${leaves.length} entries, root ${root(leaves).toString("hex")}`);
