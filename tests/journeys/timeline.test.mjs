// The analyst: what rules found in logs, as one page that is opened from the disk and asks no network for anything.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { checkPage, openBrowser, openPage, run } from './madang.mjs'

const folder = mkdtempSync(path.join(tmpdir(), 'madang-timeline-'))
let browser, address

const rule = (title, level, word) => `title: ${title}
level: ${level}
author: An analyst
logsource:
    category: application
detection:
    selection:
        command|contains: ${word}
    condition: selection
`
const event = (hour, computer, command) => JSON.stringify({ '@timestamp': `2026-11-30T${hour}:00:00Z`, 'host.name': computer, command })

before(async () => {
  writeFileSync(path.join(folder, 'rules.yml'), rule('Somebody asks who he is', 'low', 'whoami') + '---\n' + rule('A tool that steals secrets', 'critical', 'mimikatz'))
  writeFileSync(path.join(folder, 'log.jsonl'), [event('08', 'desk-1', 'whoami /all'), event('09', 'desk-2', 'whoami'), event('09', 'desk-2', 'dir'),
    event('21', 'desk-2', `mimikatz <b>"${'x'.repeat(300)}"</b>`)].join('\n') + '\n')
  const page = path.join(folder, 'timeline.html')
  run(['detect', '--rules', path.join(folder, 'rules.yml'), '--category', 'application', '--format', 'html', '--out', page, path.join(folder, 'log.jsonl')])
  address = pathToFileURL(page).href
  browser = await openBrowser()
})
after(async () => { await browser?.close(); rmSync(folder, { recursive: true, force: true }) })

const rows = (page) => page.locator('#found tbody tr:visible')

async function open (options) {
  const page = await openPage(browser, { url: address }, options)
  const asked = []
  page.on('request', (request) => asked.push(request.url()))
  await page.goto(address)
  assert.deepEqual(asked, [address], 'the page asks for nothing but itself')
  return page
}

test('the gravest stands first, and markup of an attacker stays text', async () => {
  const page = await open()
  assert.equal(await rows(page).count(), 3)
  assert.match(await rows(page).first().innerText(), /critical[\s\S]*A tool that steals secrets/)
  assert.equal(await page.locator('#found b').count(), 0)
  assert.match(await page.locator('#found').innerText(), /mimikatz <b>/)
  assert.ok(await page.locator('figure svg rect').count() >= 3)
  await checkPage(page, 'timeline-1024')
  assert.deepEqual(page.faults, [])
})

test('levels, rules, computers and a word choose what is shown', async () => {
  const page = await open()
  const shown = async () => [await rows(page).count(), await page.locator('#shown').innerText()]
  await page.getByLabel(/critical/).uncheck()
  assert.deepEqual(await shown(), [2, '2'])
  await page.getByLabel('Computer').selectOption({ label: 'desk-1 (1)' })
  assert.deepEqual(await shown(), [1, '1'])
  await page.getByLabel('Computer').selectOption('')
  await page.getByLabel(/critical/).check()
  await page.getByLabel('Rule').selectOption({ label: 'Somebody asks who he is (2)' })
  assert.deepEqual(await shown(), [2, '2'])
  await page.getByLabel('Search in what was found').pressSequentially('/ALL')
  assert.deepEqual(await shown(), [1, '1'])
  await page.getByLabel('Search in what was found').fill('nothing has this')
  assert.deepEqual(await shown(), [0, '0'])
  assert.deepEqual(page.faults, [])
})

test('without JavaScript and at 320 px all of it is there to read', async () => {
  const page = await open({ javaScript: false, width: 320 })
  assert.equal(await rows(page).count(), 3)
  assert.equal(await page.locator('.filters:visible').count(), 0)
  await page.getByText('The chart as a table').click()
  assert.match(await page.locator('figure table').innerText(), /critical/)
  await checkPage(page, 'timeline-320')
})
