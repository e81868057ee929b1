// The officer: signs in with a one-time code, decides by an article of law; the citizen sees it.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { checkPage, openBrowser, openPage, signIn, start } from './madang.mjs'

let madang, browser, officer
let session   // of the officer: a code counts once, so that all journeys share one sign-in
before(async () => {
  madang = await start()
  browser = await openBrowser()
  officer = madang.signIns.find((s) => s.totp)
})
after(async () => { await browser?.close(); await madang?.stop() })

const button = (page) => page.locator('main form button[type=submit], main form button:not([type])').first()

async function applyElsewhere (page, who, house) {
  await signIn(page, madang, who)
  await page.goto(`${madang.url}/services/certificate-of-residence`)
  await page.locator('main a.govuk-button, main form button').first().click()
  if (await page.locator('input[name=applicant]').count() > 0) {
    await page.locator('input[name=applicant]').first().check()
    await button(page).click()
  }
  await page.locator('input[name=town]').fill('Maladziečna')
  await page.locator('input[name=street]').fill('vulica Prytyckaha')
  await page.locator('input[name=house]').fill(house)
  await page.locator('input[name=flat]').fill('')
  await button(page).click()
  await page.locator('input[name=purpose][value=work]').check()
  await button(page).click()
  await button(page).click()
  await button(page).click()
  return page.url().split('/case/')[1].split('?')[0]
}

const kWays = [['en', true, 1024, 'grant'], ['be', false, 320, 'refuse'], ['ru', false, 1024, 'refuse'],
  ['en', false, 320, 'refuse'], ['be', true, 1024, 'refuse'], ['ru', true, 320, 'refuse']]
for (const [language, javaScript, width, outcome] of kWays) {
  const name = `officer-${language}-${javaScript ? 'js' : 'nojs'}-${width}-${outcome}`
  test(`${name}: decides, and the citizen sees it`, async () => {
    const citizen = await openPage(browser, madang, { language })
    const receipt = await applyElsewhere(citizen, madang.signIns[1].name, outcome === 'grant' ? '12' : '77')
    await checkPage(citizen, `${name}-waiting`)

    const page = await openPage(browser, madang, { javaScript, width, language, storageState: session })
    await page.goto(`${madang.url}/?lang=${language}`)
    for (let i = 0; i < 40 && !session; ++i) {
      await signIn(page, madang, officer.name)
      if (!page.url().includes('/sign-in')) session = await page.context().storageState()
      else await new Promise((resolve) => setTimeout(resolve, 1000))
    }
    await page.goto(`${madang.url}/office`)
    await checkPage(page, `${name}-inbox`)
    await page.locator(`main a[href$="/office/case/${receipt}"]`).first().click()
    await checkPage(page, `${name}-case`)
    // An empty decision is sent back with its problems.
    await button(page).click()
    assert.ok(await page.locator('.govuk-error-summary').count() === 1)
    await checkPage(page, `${name}-case-mistake`)
    // House 12 stands in the address register, house 77 does not and cannot be certified.
    assert.equal(await page.locator('main .govuk-inset-text strong', { hasText: '12' }).count(), outcome === 'grant' ? 1 : 0)
    assert.equal(await page.locator('main .govuk-warning-text').count(), outcome === 'grant' ? 0 : 1)
    await page.locator(`input[name=outcome][value=${outcome}]`).check()
    await page.locator('[name=ground]').first().waitFor()
    if (await page.locator('select[name=ground]').count() > 0) {
      await page.locator('select[name=ground]').selectOption(outcome === 'grant' ? '1.3.4' : '25')
    } else {
      await page.locator(`input[name=ground][value="${outcome === 'grant' ? '1.3.4' : '25'}"]`).check()
    }
    await page.locator('textarea[name=reason]').fill('The lease of 1 November 2026 was shown at the counter.')
    await button(page).click()
    await checkPage(page, `${name}-decided`)
    await citizen.goto(`${madang.url}/case/${receipt}`)
    // How the rule decided is told in sentences, in the citizen's language.
    await citizen.locator('main details summary').first().click()
    assert.ok(await citizen.locator('main details ol li').count() >= 3)
    await checkPage(citizen, `${name}-told`)
    await citizen.goto(`${madang.url}/my-data`)
    await checkPage(citizen, `${name}-my-data`)
    // Deciding twice is a conflict, not a second decision.
    const again = await page.goto(`${madang.url}/office/case/${receipt}`)
    assert.equal(again.status(), 200)
    assert.equal(await page.locator('input[name=outcome]').count(), 0)
    assert.deepEqual(page.faults, [])
    await page.context().close()
    await citizen.context().close()
  })
}

test('a citizen cannot enter the office', async () => {
  const page = await openPage(browser, madang)
  await signIn(page, madang, madang.signIns[0].name)
  const answer = await page.goto(`${madang.url}/office`)
  assert.equal(answer.status(), 403)
  await checkPage(page, 'office-refused')
  await page.context().close()
})
