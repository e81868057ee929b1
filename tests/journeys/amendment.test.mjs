// A service whose law lets an application be amended: the citizen changes it, the term runs anew, the officer sees what differs.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { checkPage, openBrowser, openPage, signIn, start } from './madang.mjs'

let madang, browser
before(async () => {
  madang = await start({
    change: (service) => {
      service.term = {
        kind: 'working_days', count: 3, extensions: { count: 1, total: { kind: 'working_days', count: 2 } },
        restarts: { count: 1, article: 'Law No. 433-Z, article 5' },
        at_end: [{ effect: 'escalation', article: 'Law No. 433-Z, article 30' }]
      }
    }
  })
  browser = await openBrowser()
})
after(async () => { await browser?.close(); await madang?.stop() })

const button = (page) => page.locator('main form button[type=submit], main form button:not([type])').first()
const main = (page) => page.locator('main').innerText()

async function apply (page, house) {
  await page.goto(`${madang.url}/services/certificate-of-residence`)
  await page.locator('main a.govuk-button').first().click()
  await page.locator('input[name=applicant]').first().check()
  await button(page).click()
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

const kWays = [['en', true, 1024], ['be', false, 320], ['ru', false, 320]]
for (const [language, javaScript, width] of kWays) {
  const name = `amendment-${language}-${width}`
  test(`${name}: the citizen changes an application that was sent`, async () => {
    const page = await openPage(browser, madang, { javaScript, width, language })
    await signIn(page, madang, madang.signIns[1].name)
    const receipt = await apply(page, '77')
    await page.goto(`${madang.url}/case/${receipt}`)
    await page.locator(`main a[href="/case/${receipt}/amend"]`).click()
    await checkPage(page, `${name}-before`)
    await button(page).click()
    await checkPage(page, `${name}-answers`)
    // Sent without a change it is not done, in words.
    await page.locator('main form[action$="/submit"] button').click()
    await checkPage(page, `${name}-unchanged`)
    await page.locator('main a[href$="/check"]').first().click()
    await page.locator('main a[href*="change=1#house"]').click()
    assert.equal(await page.locator('input[name=house]').inputValue(), '77')
    await page.locator('input[name=house]').fill('79')
    await button(page).click()
    await page.locator('main form[action$="/submit"] button').click()
    assert.ok(page.url().endsWith(`/case/${receipt}`))
    await page.locator('main details summary').first().click()
    await checkPage(page, `${name}-after`)
    assert.match(await page.locator('main table').first().textContent(), /77[^]*79/)
    assert.match(await main(page), /433/)
    assert.equal(await page.locator(`main a[href="/case/${receipt}/amend"]`).count(), 0, 'once, as the law says')
    assert.deepEqual(page.faults.filter((one) => !one.includes('422')), [])
    await page.context().close()
  })
}
