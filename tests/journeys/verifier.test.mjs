// The verifier: somebody with a paper in hand and no account.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { checkPage, openBrowser, openPage, run, signIn, start } from './madang.mjs'

let madang, browser, citizen, receipt, pdf, bundle, code
const button = (page) => page.locator('main form button[type=submit], main form button:not([type])').first()

before(async () => {
  madang = await start()
  browser = await openBrowser()
  const page = await openPage(browser, madang)
  await signIn(page, madang, madang.signIns[0].name)
  await page.goto(`${madang.url}/services/certificate-of-residence`)
  await page.locator('main a.govuk-button, main form button').first().click()
  if (await page.locator('input[name=applicant]').count() > 0) {
    await page.locator('input[name=applicant]').first().check()
    await button(page).click()
  }
  await button(page).click()
  await page.locator('input[name=purpose][value=work]').check()
  for (let i = 0; i < 3; ++i) await button(page).click()
  receipt = page.url().split('/case/')[1].split('?')[0]
  const answer = await page.context().request.get(`${madang.url}/case/${receipt}/certificate.pdf`)
  assert.equal(answer.status(), 200)
  pdf = await answer.body()
  bundle = await (await page.context().request.get(`${madang.url}/case/${receipt}/certificate.asics`)).body()
  await page.goto(`${madang.url}/case/${receipt}/certificate`)
  code = (await page.locator('main').innerText()).match(/[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){3}-[0-9A-HJKMNP-TV-Z]/g)
    .find((found) => found !== receipt)
  citizen = page
})
after(async () => { await browser?.close(); await madang?.stop() })

async function upload (page, bytes) {
  await page.goto(`${madang.url}/verify`)
  await page.locator('input[type=file]').setInputFiles({ name: 'certificate.pdf', mimeType: 'application/pdf', buffer: bytes })
  await page.locator('form:has(input[type=file]) button').click()
  return await page.locator('main').innerText()
}

for (const [language, javaScript] of [['en', false], ['be', false], ['ru', false], ['en', true], ['be', true], ['ru', true]]) {
  const name = `verifier-${language}-${javaScript ? 'js' : 'nojs'}`
  test(`${name}: finds the certificate by its code, however it is typed`, async () => {
    const page = await openPage(browser, madang, { javaScript, width: 320, language })
    await page.goto(`${madang.url}/verify?lang=${language}`)
    await checkPage(page, `${name}-form`)
    await page.locator('input[name=code]').fill(code.toLowerCase().replaceAll('-', ' '))
    await page.locator('form:has(input[name=code]) button').click()
    await checkPage(page, `${name}-valid`)
    const shown = await page.locator('main').innerText()
    assert.ok(!shown.includes('Kavalenka') && !shown.includes('Каваленка'), 'the page shows no more than the paper')
    await page.goto(`${madang.url}/verify/0000-0000-0000-0000-0`)
    await checkPage(page, `${name}-unknown`)
    await page.goto(`${madang.url}/verify?code=${code.slice(0, -3)}`)
    assert.equal(await page.locator('.govuk-error-summary a[href="#code"]').count(), 1, 'a mistyped code is a mistake in the field')
    await checkPage(page, `${name}-mistyped`)
    await page.context().close()
  })
}

test('a file that was issued here is valid, a changed byte is told, and other files too', async () => {
  const page = await openPage(browser, madang, { javaScript: false })
  const good = await upload(page, pdf)
  await checkPage(page, 'verifier-file-valid')
  const broken = Buffer.from(pdf)
  broken[Math.floor(broken.length / 2)] ^= 1
  const changed = await upload(page, broken)
  await checkPage(page, 'verifier-file-changed')
  const nothing = await upload(page, Buffer.from('hello'))
  await checkPage(page, 'verifier-file-other')
  assert.equal(new Set([good, changed, nothing]).size, 3)
  await page.context().close()
})

test('a revoked certificate is told apart', async () => {
  run(['--data', madang.data, 'certificate', 'revoke', code, '--reason', 'issued_in_error', '--ground', 'Law No. 433-Z, article 32'])
  const page = await openPage(browser, madang, { javaScript: false })
  await page.goto(`${madang.url}/verify/${code}`)
  await checkPage(page, 'verifier-revoked')
  assert.match(await page.locator('h1').innerText(), /revoked/i)
  assert.match(await upload(page, pdf), /revoked/i)
  // The citizen is told as well, with the ground.
  await citizen.goto(`${madang.url}/case/${receipt}`)
  await checkPage(citizen, 'verifier-revoked-citizen')
  assert.match(await citizen.locator('main').innerText(), /article 32/)
  assert.equal(await citizen.locator('main a[href$="certificate.pdf"]').count(), 0)
  // The installation's own program asks its own list; elsewhere the list is given.
  const asice = path.join(madang.data, 'revoked.asics')
  writeFileSync(asice, bundle)
  assert.match(run(['--data', madang.data, 'verify', asice], 1), /REVOKED/)
  const trust = path.join(madang.data, 'trust.json')
  assert.match(run(['verify', asice, '--trust', trust]), /VALID WHEN ISSUED/)
  await page.context().close()
})
