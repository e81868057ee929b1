// The words of the pages in each language, from the same catalogues that the program uses.
import { readFileSync } from 'node:fs'
import path from 'node:path'

const root = path.resolve(path.dirname(new URL(import.meta.url).pathname), '../..')

function parse (file) {
  const words = new Map()
  const literal = (line) => JSON.parse(line.slice(line.indexOf('"')))
  let source = null
  let target = null
  let open = null
  const close = () => { if (source && target) words.set(source, target) }
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (line.startsWith('msgid ')) { close(); source = literal(line); target = null; open = 'source' }
    else if (line.startsWith('msgstr ')) { target = literal(line); open = 'target' }
    else if (line.startsWith('"')) { if (open === 'source') source += literal(line); else if (open === 'target') target += literal(line) }
    else open = null
  }
  close()
  return words
}

export function wordsOf (language) {
  const all = [path.join(root, `packs/by/po/${language}.po`), path.join(root, `src/portal/po/${language}.po`)].map(parse)
  return (source) => {
    for (const words of all) if (words.has(source)) return words.get(source)
    if (language === 'en') return source
    throw new Error(`${language}.po has no "${source}"`)
  }
}
