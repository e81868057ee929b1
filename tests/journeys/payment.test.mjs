// A service that costs something: the fee is paid at a provider elsewhere, and goes back when the citizen withdraws.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { checkPage, openBrowser, openPage, signIn, start } from './madang.mjs'
import { startProvider } from './provider.mjs'

const secret = 'a secret of the bank and of the town, long enough'
let madang, browser, provider
before(async () => {
  provider = await startProvider(secret)
  madang = await start({
    change: (service) => {
      service.fee = { amount: '12.50', currency: 'BYN', exemptions: [], refunds: [{ when: 'withdrawn', article: 'Law No. 433-Z, article 6' }] }
    },
    settings: `\npayment_url = "${provider.url}"\npayment_secret = "${secret}"\n`
  })
  provider.madang = madang.url
  browser = await openBrowser()
})
after(async () => { await browser?.close(); await madang?.stop(); await provider?.stop() })

const button = (page) => page.locator('main form button[type=submit], main form button:not([type])').first()

// Applies, and stands on the case that waits for its fee.
async function apply (page, house) {
  await page.goto(`${madang.url}/services/certificate-of-residence`)
  assert.match(await page.locator('main').innerText(), /12\.50/)
  await page.locator('main a.govuk-button, main form button').first().click()
  if (await page.locator('input[name=applicant]').count() > 0) {
    await page.locator('input[name=applicant]').first().check()
    await button(page).click()
  }
  if (house) await page.locator('input[name=house]').fill(house)
  await button(page).click()
  await page.locator('input[name=purpose][value=work]').check()
  await button(page).click()
  await button(page).click()
  await button(page).click()
  const receipt = page.url().split('/case/')[1].split('?')[0]
  await page.goto(`${madang.url}/case/${receipt}`)
  return receipt
}

async function until (page, url, words) {
  for (let i = 0; i < 50; ++i) {
    await page.goto(url)
    if (words.test(await page.locator('main').innerText())) return
    await page.waitForTimeout(100)
  }
  assert.fail(`${url} never said ${words}: ${await page.locator('main').innerText()}`)
}

test('nothing begins before the fee is paid, and then the certificate comes', async () => {
  const page = await openPage(browser, madang, { javaScript: false, width: 320 })
  await signIn(page, madang, madang.signIns[0].name)
  const receipt = await apply(page)
  await checkPage(page, 'payment-waits-320')
  assert.match(await page.locator('main').innerText(), /Waits for the fee/)
  const pay = page.locator('main a.govuk-button', { hasText: 'Pay the fee' })
  const order = Object.fromEntries(new URL(await pay.getAttribute('href')).searchParams)
  // Somebody else's word is worth nothing, and neither is another sum.
  assert.equal((await provider.tell(order, 'paid', '0'.repeat(64))).status, 403)
  assert.equal((await provider.tell({ ...order, amount: '1.00' }, 'paid')).status, 422)
  await pay.click()
  assert.equal(await page.locator('h1').innerText(), 'Pay 12.50 BYN')
  await page.locator('button').click()
  assert.equal(await page.locator('h1').innerText(), 'Paid')
  assert.equal((await provider.tell(order, 'paid')).status, 200, 'a notice may come twice')
  await until(page, `${madang.url}/case/${receipt}`, /Certificate issued/)
  await checkPage(page, 'payment-done-320')
  await page.context().close()
})

test('the fee of an application that is withdrawn goes back', async () => {
  const page = await openPage(browser, madang, { javaScript: false })
  await signIn(page, madang, madang.signIns[0].name)
  const receipt = await apply(page, '77')
  await page.locator('main a.govuk-button', { hasText: 'Pay the fee' }).click()
  await page.locator('button').click()
  await until(page, `${madang.url}/case/${receipt}`, /With an officer/)
  assert.deepEqual((await (await provider.refunds()).json()).refunds, [])
  await page.goto(`${madang.url}/case/${receipt}/withdraw`)
  await checkPage(page, 'payment-withdraw')
  await button(page).click()
  await until(page, `${madang.url}/case/${receipt}`, /Withdrawn/)
  const due = (await (await provider.refunds()).json()).refunds
  assert.equal(due.length, 1)
  assert.equal(due[0].amount, '12.50')
  assert.equal((await provider.tell({ reference: due[0].reference, amount: due[0].amount, currency: due[0].currency }, 'refunded')).status, 200)
  assert.deepEqual((await (await provider.refunds()).json()).refunds, [], 'it was given back')
  await page.goto(`${madang.url}/case/${receipt}`)
  await checkPage(page, 'payment-refunded')
  await page.context().close()
})
