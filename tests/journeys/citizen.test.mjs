// The citizen: from the start page to a certificate, in three languages, with and without JavaScript.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { checkPage, openBrowser, openPage, run, signIn, start } from './madang.mjs'

let madang, browser
before(async () => { madang = await start(); browser = await openBrowser() })
after(async () => { await browser?.close(); await madang?.stop() })

const button = (page) => page.locator('main form button[type=submit], main form button:not([type])').first()

// Walks the form of the service up to the check-answers page.
async function fillIn (page, name, { town, street, house, flat } = {}) {
  if (town !== undefined) await page.locator('input[name=town]').fill(town)
  if (street !== undefined) await page.locator('input[name=street]').fill(street)
  if (house !== undefined) await page.locator('input[name=house]').fill(house)
  if (flat !== undefined) await page.locator('input[name=flat]').fill(flat)
  await checkPage(page, `${name}-address`)
  await button(page).click()
  await page.locator('input[name=purpose][value=work]').check()
  await checkPage(page, `${name}-purpose`)
  await button(page).click()
  await checkPage(page, `${name}-contact`)
  await button(page).click()
}

for (const language of ['en', 'be', 'ru']) {
  for (const [javaScript, width] of [[false, 320], [true, 1024]]) {
    const name = `citizen-${language}-${javaScript ? 'js' : 'nojs'}-${width}`
    test(`${name}: gets the certificate at once`, async () => {
      const page = await openPage(browser, madang, { javaScript, width, language })
      await page.goto(`${madang.url}/?lang=${language}`)
      assert.equal(await page.locator('html').getAttribute('lang'), language)
      await checkPage(page, `${name}-home`)
      await page.locator('main a[href*="/services/certificate-of-residence"]').first().click()
      await checkPage(page, `${name}-start`)
      assert.match(await page.locator('main').innerText(), /1\.3\.4/)
      await signIn(page, madang, madang.signIns[0].name)
      await page.goto(`${madang.url}/services/certificate-of-residence`)
      await page.locator('main a.govuk-button, main form button').first().click()
      if (await page.locator('input[name=applicant]').count() > 0) {
        await checkPage(page, `${name}-for-whom`)
        await page.locator('input[name=applicant]').first().check()
        await button(page).click()
      }
      // The register's address is filled in: nothing is asked twice.
      assert.notEqual(await page.locator('input[name=street]').inputValue(), '')
      await fillIn(page, name)
      await checkPage(page, `${name}-check`)
      await button(page).click()
      await checkPage(page, `${name}-confirmation`)
      const receipt = page.url().split('/case/')[1].split('?')[0]
      assert.match(receipt, /^[0-9A-HJKMNP-TV-Z-]{17,}$/)
      const download = page.locator('main a[href$="certificate.pdf"]').first()
      await page.goto(`${madang.url}/case/${receipt}/certificate`)
      await checkPage(page, `${name}-certificate`)
      const pdf = await page.context().request.get(`${madang.url}/case/${receipt}/certificate.pdf`)
      assert.equal(pdf.status(), 200)
      assert.equal((await pdf.body()).subarray(0, 5).toString(), '%PDF-')
      assert.ok(await download.count() >= 0)
      await page.goto(`${madang.url}/my-data`)
      await checkPage(page, `${name}-my-data`)
      await page.goto(`${madang.url}/cases`)
      await checkPage(page, `${name}-cases`)
      assert.ok((await page.locator('main').innerText()).includes(receipt))
      assert.deepEqual(page.faults, [])
      await page.context().close()
    })
  }
}

test('a mistake is summed up, linked and kept', async () => {
  const page = await openPage(browser, madang, { javaScript: false, width: 320 })
  await signIn(page, madang, madang.signIns[0].name)
  await page.goto(`${madang.url}/services/certificate-of-residence`)
  await page.locator('main a.govuk-button, main form button').first().click()
  if (await page.locator('input[name=applicant]').count() > 0) {
    await page.locator('input[name=applicant]').first().check()
    await button(page).click()
  }
  await page.locator('input[name=street]').fill('')
  await page.locator('input[name=house]').fill('twelve')
  await button(page).click()
  await checkPage(page, 'mistake-en-320')
  assert.match(await page.title(), /^Error: /)
  const links = page.locator('.govuk-error-summary a')
  assert.equal(await links.count(), 2)
  const target = (await links.first().getAttribute('href')).slice(1)
  assert.equal(await page.locator(`[id="${target}"]`).count(), 1)
  assert.equal(await page.locator('input[name=house]').inputValue(), 'twelve')
  await page.context().close()
})

test('another citizen and a stranger see nothing of the case', async () => {
  const page = await openPage(browser, madang)
  await signIn(page, madang, madang.signIns[0].name)
  await page.goto(`${madang.url}/cases`)
  const link = await page.locator('main a[href^="/case/"]').first().getAttribute('href')
  const stranger = await openPage(browser, madang)
  const answer = await stranger.goto(`${madang.url}${link}`)
  assert.ok(stranger.url().includes('/sign-in') || answer.status() === 404)
  const other = await openPage(browser, madang)
  await signIn(other, madang, madang.signIns[1].name)
  for (const suffix of ['', '/certificate', '/certificate.pdf', '/certificate.asics', '/history.json']) {
    const refused = await other.context().request.get(`${madang.url}${link}${suffix}`)
    assert.equal(refused.status(), 404, suffix)
  }
  await page.context().close()
  await stranger.context().close()
  await other.context().close()
})

test('the keyboard alone is enough to sign in', async () => {
  const page = await openPage(browser, madang, { javaScript: false })
  const who = madang.signIns[0]
  await page.goto(`${madang.url}/sign-in`)
  const seen = new Set()
  for (let i = 0; i < 40 && !seen.has('name'); ++i) {
    await page.keyboard.press('Tab')
    const focused = await page.evaluate(() => {
      const element = document.activeElement
      const style = getComputedStyle(element)
      return { name: element.getAttribute('name') ?? element.className, visible: style.outlineStyle !== 'none' || style.boxShadow !== 'none' || element.className.includes('skip-link') }
    })
    assert.ok(focused.visible, `the focus on ${focused.name} can be seen`)
    seen.add(focused.name)
  }
  await page.keyboard.type(who.name)
  await page.keyboard.press('Tab')
  await page.keyboard.type(who.password)
  await page.keyboard.press('Enter')
  await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'))
  await page.context().close()
})

test('the certificate proves itself without the server', async () => {
  const page = await openPage(browser, madang)
  await signIn(page, madang, madang.signIns[0].name)
  await page.goto(`${madang.url}/cases`)
  const link = await page.locator('main a[href^="/case/"]').first().getAttribute('href')
  let bundle
  for (let i = 0; i < 50; ++i) {
    bundle = await page.context().request.get(`${madang.url}${link}/certificate.asics`)
    if (bundle.status() === 200) break
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  const file = path.join(madang.folder, 'certificate.asics')
  writeFileSync(file, await bundle.body())
  const verdict = JSON.parse(run(['--data', madang.data, 'verify', file, '--json']))
  assert.equal(verdict.standing, 'valid')
  // So does the history of the case; one changed letter of it does not.
  const history = await (await page.context().request.get(`${madang.url}${link}/history.json`)).text()
  const told = path.join(madang.folder, 'history.json')
  writeFileSync(told, history)
  const both = JSON.parse(run(['--data', madang.data, 'verify', told, file, '--json']))
  assert.deepEqual(both.map((one) => one.standing), ['valid', 'valid'])
  writeFileSync(told, history.replace('application.granted', 'application.refused'))
  assert.equal(JSON.parse(run(['--data', madang.data, 'verify', told, '--json'], 1)).standing, 'changed')
  await page.context().close()
})
