// The officer: signs in with a one-time code, decides by an article of law; the citizen sees it.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { checkPage, codeOf, openBrowser, openPage, signIn, start } from './madang.mjs'

let madang, browser, officer
let session   // of the officer: a code counts once, so that all journeys share one sign-in
let head      // the same of the head
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
    await page.locator('form[action$="/decide"] button').click()
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
    await page.locator('form[action$="/decide"] button').click()
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

for (const [language, javaScript, width] of [['be', false, 320], ['ru', true, 1024]]) {
  const name = `procedure-${language}-${width}`
  test(`${name}: a letter, its answer with a file, the refusal and the appeal`, async () => {
    const citizen = await openPage(browser, madang, { language, javaScript, width })
    const receipt = await applyElsewhere(citizen, madang.signIns[1].name, '77')
    const page = await openPage(browser, madang, { javaScript, width, language, storageState: session })
    const desk = `${madang.url}/office/case/${receipt}`
    await page.goto(`${desk}?lang=${language}`)
    await page.locator('form[action$="/claim"] button').click()
    assert.equal(await page.locator('form[action$="/release"]').count(), 1)
    await page.locator('details:has(form[action$="/completion"]) summary').click()
    await page.locator('textarea[name=items]').fill('the lease\nconsent of the owner')
    await page.locator('form[action$="/completion"] button').click()
    assert.equal(await page.locator('form[action$="/decide"]').count(), 0, 'the applicant has the turn')
    await checkPage(page, `${name}-asked`)

    await citizen.goto(`${madang.url}/case/${receipt}`)
    await checkPage(citizen, `${name}-letter`)
    await citizen.locator('textarea[name=text]').fill('Here is the lease.')
    await citizen.locator('input[name=files]').setInputFiles({ name: 'lease.png', mimeType: 'image/png', buffer: Buffer.from('89504e470d0a1a0a00', 'hex') })
    await citizen.locator('form[action$="/answer"] button').click()
    assert.equal(await citizen.locator('main a[href*="/file/2/0"]').count(), 1)
    const file = await citizen.request.get(`${madang.url}/case/${receipt}/file/2/0`)
    assert.equal(file.headers()['content-type'], 'image/png')
    assert.match(file.headers()['content-disposition'], /^attachment/)

    await page.goto(desk)
    await checkPage(page, `${name}-answered`)
    await page.locator('input[name=outcome][value=refuse]').check()
    await page.locator('input[name=ground][value="25"]').check()
    await page.locator('form[action$="/decide"] textarea[name=reason]').fill('The lease is not signed.')
    await page.locator('form[action$="/decide"] button').click()

    await citizen.goto(`${madang.url}/case/${receipt}/letter`)
    await checkPage(citizen, `${name}-decision`)
    await citizen.goto(`${madang.url}/case/${receipt}/appeal`)
    await citizen.locator('main form[action$="/appeal"] button').click()
    assert.equal(await citizen.locator('.govuk-error-summary').count(), 1)
    await citizen.locator('textarea[name=text]').fill('It is signed on the second page.')
    await checkPage(citizen, `${name}-appeal`)
    await citizen.locator('main form[action$="/appeal"] button').click()
    assert.notEqual(citizen.url().split('/case/')[1], receipt, 'the appeal is a case of its own')
    await checkPage(citizen, `${name}-appealed`)
    await citizen.goto(`${madang.url}/case/${citizen.url().split('/case/')[1]}/withdraw`)
    await citizen.locator('main form[action$="/withdraw"] button').click()
    await checkPage(citizen, `${name}-withdrawn`)
    for (const place of ['consultations', 'escalated']) {
      await page.goto(`${madang.url}/office/${place}`)
      await checkPage(page, `${name}-${place}`)
    }
    const refused = await page.request.get(`${madang.url}/office/workload`)
    assert.equal(refused.status(), 403, 'how the work stands is for the head')
    assert.deepEqual(page.faults, [])
    await page.context().close()
    await citizen.context().close()
  })
}

for (const [language, javaScript, width] of [['en', true, 1024], ['be', false, 320], ['ru', false, 320]]) {
  test(`head-${language}-${javaScript ? 'js' : 'nojs'}-${width}: sees how the work stands`, async () => {
    const page = await openPage(browser, madang, { javaScript, width, language, storageState: head })
    const name = madang.signIns.find((one) => one.name.startsWith('head.')).name
    await page.goto(`${madang.url}/?lang=${language}`)
    for (let i = 0; i < 40 && !head; ++i) {
      await signIn(page, madang, name)
      if (!page.url().includes('/sign-in')) head = await page.context().storageState()
      else await new Promise((resolve) => setTimeout(resolve, 1000))
    }
    await page.goto(`${madang.url}/office/workload`)
    await checkPage(page, `head-${language}-${width}-workload`)
    const csv = await page.request.get(`${madang.url}/office/workload.csv`)
    assert.match(await csv.text(), /,application,certificate-of-residence,refused/)
    assert.deepEqual(page.faults, [])
    await page.context().close()
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

test('counter-be-nojs-320: an employee takes in for a person, who sees it', async () => {
  const page = await openPage(browser, madang, { javaScript: false, width: 320, language: 'be' })
  const helper = madang.signIns.find((one) => one.name.startsWith('counter.'))
  await page.goto(`${madang.url}/?lang=be`)
  await signIn(page, madang, helper.name)
  assert.ok(page.url().endsWith('/counter'), page.url())
  await checkPage(page, 'counter-be-320')
  await page.locator('main ul a').first().click()
  await button(page).click()
  assert.equal(await page.locator('.govuk-error-summary').count(), 1)
  await checkPage(page, 'counter-be-320-mistakes')
  await page.locator('input[name=personal_number]').fill('0000000A000AA0')
  await page.locator('input[name=town]').fill('Maladziečna')
  await page.locator('input[name=street]').fill('vulica Prytyckaha')
  await page.locator('input[name=house]').fill('77')
  await page.locator('input[name=purpose][value=work]').check()
  await button(page).click()
  assert.equal(await page.locator('#personal_number-error').count(), 1, 'nobody has this number')
  await page.locator('input[name=personal_number]').fill(madang.personalNumber(madang.signIns[1].name))
  await button(page).click()
  await checkPage(page, 'counter-be-320-received')
  const receipt = new URL(page.url()).searchParams.get('received')
  assert.ok(receipt)
  const citizen = await openPage(browser, madang, { language: 'en' })
  await signIn(citizen, madang, madang.signIns[1].name)
  await citizen.goto(`${madang.url}/case/${receipt}`)
  await checkPage(citizen, 'counter-citizen')
  // The employee's own account shows nothing of it.
  assert.equal((await page.goto(`${madang.url}/case/${receipt}`)).status(), 404)
})

test('absence-ru-1024: an officer enters an absence and gives a case to a colleague', async () => {
  const citizen = await openPage(browser, madang, { language: 'en' })
  const receipt = await applyElsewhere(citizen, madang.signIns[1].name, '78')
  const page = await openPage(browser, madang, { language: 'ru', storageState: session })
  await page.goto(`${madang.url}/office/absences?lang=ru`)
  await button(page).click()
  assert.equal(await page.locator('.govuk-error-summary').count(), 1)
  await checkPage(page, 'absences-ru-mistakes')
  await page.locator('input[name=from]').fill('2031-03-01')
  await page.locator('input[name=until]').fill('2031-03-14')
  await page.locator('select[name=substitute]').selectOption({ label: 'colleague.maladziechna' })
  await button(page).click()
  assert.ok((await page.locator('main table').textContent()).includes('colleague.maladziechna'))
  await checkPage(page, 'absences-ru')
  await page.goto(`${madang.url}/office/case/${receipt}`)
  await page.locator('details', { has: page.locator('form[action$="/delegate"]') }).locator('summary').click()
  await page.locator('select[name=to]').selectOption({ label: 'colleague.maladziechna' })
  await page.locator('form[action$="/delegate"] button').click()
  assert.ok((await page.locator('main').textContent()).includes('colleague.maladziechna'))
})

test('operator-en-1024: an administrator sees how procedures stand', async () => {
  const page = await openPage(browser, madang, { language: 'en' })
  await page.goto(madang.installer())
  await page.locator('input[name=name]').fill('operator')
  await page.locator('input[name=password]').fill('seven long green sentences here')
  await button(page).click()
  await page.goto(`${madang.url}/sign-in`)
  await page.locator('input[name=name]').fill('operator')
  await page.locator('input[name=password]').fill('seven long green sentences here')
  await button(page).click()
  await checkPage(page, 'operator-enrol')
  await page.locator('input[name=code]').fill(codeOf(await page.locator('main .govuk-inset-text strong').first().textContent()))
  await button(page).click()
  assert.ok(page.url().endsWith('/operator'), page.url())
  await checkPage(page, 'operator')
  await page.locator('main table a').first().click()
  await checkPage(page, 'operator-process')
})
