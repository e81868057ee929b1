// Procedures of a house in the hands of its operator: one that cannot go on is repaired, others move to another version.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { checkPage, codeOf, openBrowser, openPage, start } from './madang.mjs'

let signedIn
const password = 'seven long green sentences here'
let madang, browser
before(async () => {
  madang = await start({ change: () => {} })
  browser = await openBrowser()
})
after(async () => { await browser?.close(); await madang?.stop() })

const button = (page) => page.locator('main form button[type=submit], main form button:not([type])').first()
const main = (page) => page.locator('main').innerText()

// A citizen applies through the API for what an officer decides.
let citizen
async function apply (key) {
  const { name, password } = madang.signIns.find((one) => !one.totp)
  const json = { 'Content-Type': 'application/json' }
  if (!citizen) {
    const signed = await fetch(`${madang.url}/api/v1/session`, { method: 'POST', headers: json, body: JSON.stringify({ name, password, code: '' }) })
    assert.equal(signed.status, 200)
    citizen = { Cookie: signed.headers.get('set-cookie').split(';')[0], 'X-CSRF-Token': (await signed.json()).csrf_token }
  }
  const answers = { town: 'Maladziečna', street: 'vulica Prytyckaha', house: '99', flat: '1', purpose: 'work' }
  const made = await fetch(`${madang.url}/api/v1/applications`, {
    method: 'POST',
    headers: { ...json, ...citizen, 'Idempotency-Key': key },
    body: JSON.stringify({ service: 'certificate-of-residence', language: 'en', answers })
  })
  assert.equal(made.status, 201, await made.clone().text())
  return (await made.json()).receipt
}

// Another edition of the model: the decision has another id, and before it the process waits for as long as nobody has said.
function newEdition () {
  const file = path.join(madang.pack, 'services/certificate-of-residence/process.bpmn')
  const model = readFileSync(file, 'utf8').replaceAll('Officer_decides', 'Officer_rules')
    .replace('<bpmn:userTask id="Officer_rules"', `<bpmn:intermediateCatchEvent id="A_moment" name="A moment">
      <bpmn:incoming>Flow_5</bpmn:incoming>
      <bpmn:outgoing>Flow_20</bpmn:outgoing>
      <bpmn:timerEventDefinition><bpmn:timeDuration>PT0S</bpmn:timeDuration></bpmn:timerEventDefinition>
    </bpmn:intermediateCatchEvent>
    <bpmn:intermediateCatchEvent id="A_while" name="As long as the archive needs">
      <bpmn:incoming>Flow_20</bpmn:incoming>
      <bpmn:outgoing>Flow_21</bpmn:outgoing>
      <bpmn:timerEventDefinition><bpmn:timeDuration>=duration(pause)</bpmn:timeDuration></bpmn:timerEventDefinition>
    </bpmn:intermediateCatchEvent>
    <bpmn:sequenceFlow id="Flow_20" sourceRef="A_moment" targetRef="A_while" />
    <bpmn:sequenceFlow id="Flow_21" sourceRef="A_while" targetRef="Officer_rules" />
    <bpmn:userTask id="Officer_rules"`)
    .replace('<bpmn:incoming>Flow_5</bpmn:incoming>\n      <bpmn:outgoing>Flow_6', '<bpmn:incoming>Flow_21</bpmn:incoming>\n      <bpmn:outgoing>Flow_6')
    .replace('sourceRef="By_rule" targetRef="Officer_rules"', 'sourceRef="By_rule" targetRef="A_moment"')
  assert.ok(model.includes('targetRef="A_moment"') && model.includes('<bpmn:incoming>Flow_21'))
  writeFileSync(file, model)
}

// The page again and again, until it says so.
async function until (page, url, words) {
  for (let i = 0; i < 200; ++i) {
    await page.goto(url)
    if (words.test(await main(page))) return
    await page.waitForTimeout(100)
  }
  assert.fail(`${url} never said ${words}: ${await main(page)}`)
}

test('operator: a procedure that stands is repaired, and one moves to another version', async () => {
  const page = await openPage(browser, madang, { language: 'en', javaScript: false })
  const enter = async () => {
    await page.goto(`${madang.url}/sign-in`)
    await page.locator('input[name=name]').fill('operator')
    await page.locator('input[name=password]').fill(password)
    await button(page).click()
  }
  await page.goto(madang.installer())
  await page.locator('input[name=name]').fill('operator')
  await page.locator('input[name=password]').fill(password)
  await button(page).click()
  await enter()
  await page.locator('input[name=code]').fill(codeOf(await page.locator('main .govuk-inset-text strong').first().textContent()))
  await button(page).click()
  signedIn = await page.context().storageState()
  await page.goto(`${madang.url}/operator/cases`)
  assert.match(await main(page), /Nothing has failed/)
  await checkPage(page, 'operator-cases')

  const first = await apply('o1')
  await until(page, `${madang.url}/operator?q=${first}`, new RegExp(first))
  newEdition()
  await madang.restart()
  const second = await apply('o2')
  // What is due is tried three times, some five seconds long; then a person must look.
  await until(page, `${madang.url}/operator?q=${second}`, /Try it again now/)
  assert.match(await page.locator('main table tbody').innerText(), /It stands/)
  await checkPage(page, 'operator-stands')
  await page.goto(`${madang.url}/operator?state=stands`)
  assert.equal(await page.locator('main table tbody tr').count(), 1)
  await page.locator('main table a').first().click()
  assert.match(await main(page), /Set a variable/)
  await checkPage(page, 'operator-process-stands')
  const stands = page.url()

  // A variable is set, with a reason; without one it is not.
  const repair = page.locator('details', { has: page.locator('form[action$="/repair"]') })
  const set = async (name, value, reason) => {
    await page.goto(stands)
    await repair.locator('summary').click()
    await page.locator('#repair-name').fill(name)
    await page.locator('#repair-value').fill(value)
    await page.locator('#repair-reason').fill(reason)
    await repair.locator('button').click()
  }
  await set('pause', 'PT0S', '')
  assert.match(await main(page), /This was not done/)
  await set('granted', 'true', 'A friend asked for it')
  assert.match(await main(page), /for its rules and its officers/)
  await set('pause', 'PT0S', 'The archive told us by telephone')
  assert.equal(page.url(), stands)
  if (await page.locator('form[action="/operator/retry"] button').count() > 0) await page.locator('form[action="/operator/retry"] button').first().click()
  await until(page, stands, /A person decides here/)
  assert.equal(await page.locator('form[action$="/skip"]').count(), 0, 'a decision of a person is not skipped')
  await checkPage(page, 'operator-process-repaired')

  // The first stands where the new edition has no step of that id.
  const model = new URL(await page.locator('main a[href^="/operator/move"]').first().getAttribute('href'), madang.url)
  await page.goto(model.href)
  await page.locator('select[name=version]').selectOption('2')
  await page.locator('#nodes').fill('Officer_decides')
  await button(page).click()
  assert.equal(await page.locator('.govuk-error-summary').count(), 1)
  await page.locator('#nodes').fill('')
  await button(page).click()
  assert.match(await main(page), /It cannot move/)
  await checkPage(page, 'operator-move-kept')
  await page.locator('#nodes').fill('Officer_decides=Officer_rules')
  await button(page).click()
  assert.match(await main(page), /It can move/)
  await checkPage(page, 'operator-move')
  const move = page.locator('form[method=post][action="/operator/move"]')
  await move.locator('button').click()
  assert.match(await page.locator('#reason-error').innerText(), /Enter the reason/)
  await page.locator('#reason').fill('The new edition of the procedure')
  await move.locator('button').click()
  assert.match(await main(page), /It has moved/)
  await checkPage(page, 'operator-moved')
  await page.locator('main .govuk-inset-text a').first().click()
  assert.match(await page.locator('h1').innerText(), /2/)
  assert.deepEqual(page.faults.filter((one) => !/status of (403|409|422)/.test(one)), [])
})

test('operator-be-320: the same pages in Belarusian on a small screen', async () => {
  const page = await openPage(browser, madang, { language: 'be', javaScript: false, width: 320, storageState: signedIn })
  for (const [address, name] of [['/operator', 'operator'], ['/operator/cases', 'operator-cases'], ['/operator/move', 'operator-move']]) {
    await page.goto(`${madang.url}${address}`)
    await checkPage(page, `${name}-be-320`)
  }
  await page.goto(`${madang.url}/operator`)
  await page.locator('main table a').first().click()
  await checkPage(page, 'operator-process-be-320')
})
