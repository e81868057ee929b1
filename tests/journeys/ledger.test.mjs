// Somebody who trusts nobody: reads the published ledger over HTTP with nothing of ours, by the texts of
// https://c2sp.org/signed-note, tlog-checkpoint and tlog-tiles, and RFC 6962 clause 2.1.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { createHash, createPublicKey, verify } from 'node:crypto'
import { start } from './madang.mjs'

let madang
before(async () => { madang = await start() })
after(async () => { await madang?.stop() })

const sha256 = (...parts) => createHash('sha256').update(Buffer.concat(parts)).digest()
const leafHash = (entry) => sha256(Buffer.from([0]), entry)
const nodeHash = (left, right) => sha256(Buffer.from([1]), left, right)

function rootOf (hashes) {
  if (hashes.length === 0) return sha256()
  if (hashes.length === 1) return hashes[0]
  let split = 1
  while (split * 2 < hashes.length) split *= 2
  return nodeHash(rootOf(hashes.slice(0, split)), rootOf(hashes.slice(split)))
}

const bytes = async (path) => {
  const answer = await fetch(madang.url + path)
  assert.equal(answer.status, 200, path)
  return Buffer.from(await answer.arrayBuffer())
}

// "name+0a1b2c3d+base64": the key's id, and behind the algorithm byte 1 an Ed25519 key.
function parseVerifierKey (text) {
  const [name, id, rest] = text.match(/^(.*)\+([0-9a-f]{8})\+(.*)$/).slice(1)
  const data = Buffer.from(rest, 'base64')
  assert.equal(data[0], 1)
  assert.equal(sha256(Buffer.from(name), Buffer.from('\n'), data).subarray(0, 4).toString('hex'), id)
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), data.subarray(1)])
  return { name, id: Buffer.from(id, 'hex'), key: createPublicKey({ key: spki, format: 'der', type: 'spki' }) }
}

function openCheckpoint (note, verifier) {
  const end = note.indexOf('\n\n')
  const body = note.slice(0, end + 1)
  const line = note.slice(end + 2).split('\n').find((one) => one.startsWith(`— ${verifier.name} `))
  const signature = Buffer.from(line.split(' ')[2], 'base64')
  assert.ok(signature.subarray(0, 4).equals(verifier.id))
  assert.ok(verify(null, Buffer.from(body), verifier.key, signature.subarray(4)), 'the checkpoint is signed')
  const [origin, size, root] = body.split('\n')
  return { origin, size: Number(size), root: Buffer.from(root, 'base64') }
}

// Entries stand in bundles of 256, the last one partial; each entry behind its length in two bytes.
async function entriesOf (size) {
  const entries = []
  for (let bundle = 0; entries.length < size; ++bundle) {
    const width = Math.min(256, size - bundle * 256)
    const data = await bytes(`/ledger/tile/entries/${String(bundle).padStart(3, '0')}${width < 256 ? `.p/${width}` : ''}`)
    for (let at = 0; at < data.length;) {
      const length = data.readUInt16BE(at)
      entries.push(data.subarray(at + 2, at + 2 + length))
      at += 2 + length
    }
    assert.equal(entries.length, bundle * 256 + width)
  }
  return entries
}

async function apply (times) {
  const person = madang.signIns.find((one) => !one.totp)
  const session = await fetch(`${madang.url}/api/v1/session`, {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ name: person.name, password: person.password })
  })
  const token = (await session.json()).csrf_token
  const cookie = session.headers.get('set-cookie').split(';')[0]
  for (let i = 0; i < times; ++i) {
    const answer = await fetch(`${madang.url}/api/v1/applications`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Cookie: cookie, 'X-CSRF-Token': token, 'Idempotency-Key': `${i}-${Math.random()}` },
      body: JSON.stringify({
        service: 'certificate-of-residence',
        language: 'en',
        answers: { town: 'Maladziečna', street: 'vulica Prytyckaha', house: '77', purpose: 'work' }
      })
    })
    assert.equal(answer.status, 201)
  }
}

test('the published tiles lead to the signed root, and a longer log holds the shorter one', async () => {
  const trust = JSON.parse((await bytes('/trust.json')).toString())
  const verifier = parseVerifierKey(trust.issuers[0].ledger_key)
  await apply(3)
  const settle = async (least) => {
    for (let i = 0; i < 100; ++i) {
      const checkpoint = openCheckpoint((await bytes('/ledger/checkpoint')).toString(), verifier)
      if (checkpoint.size >= least) return checkpoint
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    assert.fail(`the ledger did not reach ${least} entries`)
  }
  const first = await settle(3)
  const before = (await entriesOf(first.size)).map(leafHash)
  assert.ok(rootOf(before).equals(first.root), 'the entries lead to the root')
  await apply(130)
  const second = await settle(262)
  const hashes = (await entriesOf(second.size)).map(leafHash)
  assert.ok(rootOf(hashes).equals(second.root))
  assert.ok(rootOf(hashes.slice(0, first.size)).equals(first.root), 'nothing that was there has changed')
  assert.ok((await bytes('/ledger/tile/0/000')).equals(Buffer.concat(hashes.slice(0, 256))), 'the full tile of leaves')
  const above = await bytes(`/ledger/tile/1/000.p/${Math.floor(second.size / 256)}`)
  assert.ok(above.subarray(0, 32).equals(rootOf(hashes.slice(0, 256))), 'the tile above it')
  // What stands in the open are salted commitments: no name, no address.
  const entries = Buffer.concat(await entriesOf(second.size)).toString('latin1')
  for (const word of ['Kavalenka', 'Prytyckaha', 'certificate-of-residence', 'application']) assert.ok(!entries.includes(word), word)
})
