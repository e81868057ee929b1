// A payment provider elsewhere, as small as it can be: takes the order that the case page links to, and tells Madang by a
// signed notice that it was paid (casework/payment.h). It also fetches and makes the refunds that are due.
import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'

export async function startProvider (secret) {
  const sign = (text) => createHmac('sha256', secret).update(text).digest('hex')
  const provider = { madang: '' }
  const post = async (path, body, signature) => {
    const text = JSON.stringify(body)
    return await fetch(`${provider.madang}${path}`, { method: 'POST', body: text, headers: { 'Content-Type': 'application/json', 'X-Madang-Signature': signature ?? sign(text) } })
  }
  const notice = (order, state) => ({ reference: order.reference, amount: order.amount, currency: order.currency, state, proof: `P-${order.reference}` })
  provider.tell = async (order, state, signature) => await post('/api/v1/payments/notices', notice(order, state), signature)
  provider.refunds = async () => await post('/api/v1/payments/refunds', notice({ reference: 'refunds', amount: '0.00', currency: 'BYN' }, 'refunded'))
  const server = createServer(async (request, response) => {
    const query = new URL(request.url, 'http://provider').searchParams
    const signature = query.get('signature')
    query.delete('signature')
    if (signature !== sign(query.toString())) {
      response.writeHead(403, { 'Content-Type': 'text/html' }).end('<html lang="en"><title>Refused</title><h1>This order is not signed</h1>')
      return
    }
    const order = Object.fromEntries(query)
    if (request.method === 'GET') {
      response.writeHead(200, { 'Content-Type': 'text/html' })
        .end(`<html lang="en"><title>Bank</title><h1>Pay ${order.amount} ${order.currency}</h1><form method="post"><button>Pay</button></form>`)
      return
    }
    const told = await provider.tell(order, 'paid')
    response.writeHead(told.status, { 'Content-Type': 'text/html' }).end(`<html lang="en"><title>Bank</title><h1>${told.ok ? 'Paid' : await told.text()}</h1>`)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  provider.url = `http://127.0.0.1:${server.address().port}/order`
  provider.stop = async () => await new Promise((resolve) => { server.closeAllConnections(); server.close(resolve) })
  return provider
}
