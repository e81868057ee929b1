// What every journey needs: a Madang of its own on a free port with fictional people, a browser, and
// the checks that hold for every page (axe, 320 px, language, one h1).
import { spawnSync, spawn } from 'node:child_process'
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, mkdirSync, writeFileSync } from 'node:fs'
import { createHmac } from 'node:crypto'
import { createServer } from 'node:net'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import assert from 'node:assert/strict'
import { chromium } from 'playwright-core'

const root = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '../..')
export const program = process.env.MADANG_PROGRAM ?? path.join(root, 'build/release/bin/madang')
export const results = path.join(root, 'tests/journeys/results')
const people = JSON.parse(readFileSync(path.join(root, 'packs/by/people.json'), 'utf8'))
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

async function freePort () {
  return await new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}

// Runs the program to its end; fails where it ends otherwise than expected.
export function run (args, exitCode = 0) {
  const done = spawnSync(program, args, { encoding: 'utf8' })
  if (done.status !== exitCode) throw new Error(`madang ${args.join(' ')} ended with ${done.status}: ${done.stderr}${done.stdout}`)
  return done.stdout
}

// Starts a fresh installation. `signIns` holds the fictional people by name. `change` edits the first service of a copy of
// the pack; `settings` are lines for madang.toml.
export async function start ({ change, settings = '' } = {}) {
  const folder = mkdtempSync(path.join(tmpdir(), 'madang-journey-'))
  const data = path.join(folder, 'data')
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  let pack = path.join(root, 'packs/by')
  if (change) {
    cpSync(pack, path.join(folder, 'pack'), { recursive: true })
    pack = path.join(folder, 'pack')
    const file = path.join(pack, 'services/certificate-of-residence/service.json')
    const service = JSON.parse(readFileSync(file, 'utf8'))
    change(service)
    writeFileSync(file, JSON.stringify(service))
  }
  run(['--data', data, 'init', '--pack', pack])
  if (settings) appendFileSync(path.join(data, 'madang.toml'), settings)
  const demo = JSON.parse(run(['--data', data, 'demo', 'load', '--json']))
  let child
  let log = ''
  const serve = async () => {
    child = spawn(program, ['--data', data, '--listen', `127.0.0.1:${port}`, '--requests-per-minute', '0', 'serve'],
      { stdio: ['ignore', 'pipe', 'pipe'] })
    child.stderr.on('data', (chunk) => { log += chunk })
    child.stdout.on('data', (chunk) => { log += chunk })
    const deadline = Date.now() + 15000
    for (;;) {
      try {
        if ((await fetch(`${url}/readyz`)).ok) break
      } catch {}
      if (Date.now() > deadline || child.exitCode !== null) throw new Error(`the program did not start:\n${log}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  const end = async () => {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the program had ended by itself (${child.exitCode ?? child.signalCode}):\n${log}`)
    child.kill('SIGTERM')
    await new Promise((resolve) => child.on('exit', resolve))
  }
  await serve()
  return {
    url,
    data,
    folder,
    pack,
    signIns: demo.sign_ins,
    code: (name) => run(['--data', data, 'demo', 'code', name]).trim(),
    installer: () => log.match(/http\S+\/installer\?link=\S+/)[0],
    personalNumber: (account) => people.persons.find((one) => one.account === account).personal_number,
    // With another edition of its pack, where it was changed meanwhile.
    async restart () {
      await end()
      await serve()
    },
    async stop () {
      await end()
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

// The code that an authenticator app shows for a key in base32 (RFC 6238, RFC 4226 5.3).
export function codeOf (key) {
  const bits = [...key.replace(/\s|=/g, '')].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('')
  const secret = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)))
  const moment = Buffer.alloc(8)
  moment.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000)))
  const mac = createHmac('sha1', secret).update(moment).digest()
  const number = mac.readUInt32BE(mac[19] & 15) & 0x7fffffff
  return String(number % 1000000).padStart(6, '0')
}

export async function openBrowser () {
  return await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync']
  })
}

// A page of one person: with or without JavaScript, in one language, on one width.
export async function openPage (browser, { url }, { javaScript = true, width = 1024, language = 'en', storageState = undefined } = {}) {
  const context = await browser.newContext({
    javaScriptEnabled: javaScript,
    viewport: { width, height: 900 },
    locale: language,
    acceptDownloads: true,
    storageState
  })
  const page = await context.newPage()
  const faults = []
  page.on('console', (message) => { if (message.type() === 'error') faults.push(message.text()) })
  page.on('pageerror', (error) => faults.push(String(error)))
  page.faults = faults
  page.setDefaultTimeout(10000)
  page.base = url
  return page
}

// What must hold for every page that a person sees. A screenshot stays in results/.
export async function checkPage (page, name) {
  mkdirSync(results, { recursive: true })
  await page.screenshot({ path: path.join(results, `${name}.png`), fullPage: true })
  const html = await page.content()
  assert.match(html, /<html[^>]* lang="(be|ru|en)"/, `${name}: the page names its language`)
  assert.equal(await page.locator('h1').count(), 1, `${name}: one h1`)
  assert.notEqual((await page.title()).trim(), '', `${name}: a title`)
  // With JavaScript off the page's own scripts stay off; the check comes in through another context.
  const checker = await page.context().browser().newContext({ viewport: page.viewportSize(), bypassCSP: true })
  const copy = await checker.newPage()
  try {
    await copy.route('**/*', async (route) => {
      const request = route.request()
      if (request.isNavigationRequest()) {
        await route.fulfill({ contentType: 'text/html; charset=utf-8', body: html })
      } else {
        await route.continue()
      }
    })
    await copy.goto(page.url())
    const overflow = await copy.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    assert.ok(overflow <= 0, `${name}: ${overflow} px wider than the window`)
    await copy.evaluate(axe)
    const found = await copy.evaluate(async () => (await globalThis.axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
    })).violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`))
    assert.deepEqual(found, [], `${name}: axe`)
  } finally {
    await checker.close()
  }
}

export async function signIn (page, madang, name) {
  const who = madang.signIns.find((s) => s.name === name)
  assert.ok(who, `there is a sign-in for ${name}`)
  await page.goto(`${madang.url}/sign-in`)
  await page.locator('input[name=name]').fill(who.name)
  await page.locator('input[name=password]').fill(who.password)
  await page.locator('main form button').first().click()
  if (who.totp) {
    await page.locator('input[name=code]').fill(madang.code(who.name))
    await page.locator('main form button').first().click()
  }
}
