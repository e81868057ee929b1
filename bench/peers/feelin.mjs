// feelin (MIT, bpmn.io) under Node on the inputs of feel_bench.cpp: prints one JSON object with its rates
// and its answers. It has no compiled form: each evaluation reads the text again.
import { evaluate, parseExpression } from 'feelin'
import { readFileSync } from 'node:fs'

const { expression, inputs, texts } = JSON.parse(readFileSync(0, 'utf8'))
const SECONDS = 0.3
const ROUNDS = 5

function median (operation) {
  const rates = []
  for (let round = 0; round < ROUNDS; ++round) {
    const start = performance.now()
    let count = 0
    let taken = 0
    while (taken < SECONDS) {
      for (let i = 0; i < 20; ++i) operation(count++)
      taken = (performance.now() - start) / 1000
    }
    rates.push(count / taken)
  }
  return rates.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)]
}

const answers = inputs.map((input) => evaluate(expression, input).value)
const fromText = median((i) => evaluate(expression, inputs[i % inputs.length]))
const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
const parsed = median(() => { for (const text of texts) parseExpression(text) })
console.log(JSON.stringify({ answers, evaluations: fromText, parse: parsed * bytes / 1000, node: process.version }))
