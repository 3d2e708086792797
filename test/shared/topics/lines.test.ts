import { expect, test } from 'vitest'
import { topicLines, type TopicLook } from '../../../shared/topics/lines.ts'
import { TopicTree } from '../../../shared/topics/tree.ts'

const tree = new TopicTree()
const topics = ['usp/agent/os::2', 'usp/agent/os::10', 'usp/agent/os::1', 'usp/status', 'lab/temperature']
topics.forEach((topic, index) => {
  for (let i = 0; i <= index; i++) {
    tree.take(tree.reach(topic), { no: index + 1, time: index, bytes: 100 - index, passage: 'published' })
  }
})
tree.retain(tree.reach('usp/status'), true)

const look = (more: Partial<TopicLook> = {}): string[] =>
  topicLines(
    tree,
    { text: '', levels: 0, except: new Set(), sort: 'name', retainedOnly: false, ...more },
    10,
  ).map(
    ({ node, open }) =>
      `${'  '.repeat(node.depth)}${node.name}${open === undefined ? '' : open ? ' -' : ' +'}`,
  )

test('branches are closed until they are opened', () => {
  expect(look()).toEqual(['lab +', 'usp +'])
  expect(look({ except: new Set(['usp']) })).toEqual(['lab +', 'usp -', '  agent +', '  status'])
})

test('levels are opened together, and closed one by one', () => {
  expect(look({ levels: 100, except: new Set(['usp/agent']) })).toEqual([
    'lab -',
    '  temperature',
    'usp -',
    '  agent +',
    '  status',
  ])
})

test('numbers in names are in their order', () => {
  expect(look({ levels: 3 }).filter((line) => line.includes('os::'))).toEqual([
    '    os::1',
    '    os::2',
    '    os::10',
  ])
})

test('a search shows what it finds and what is above it', () => {
  expect(look({ text: 'os::1' })).toEqual(['usp -', '  agent -', '    os::1', '    os::10'])
  expect(look({ text: 'TEMP lab' })).toEqual(['lab -', '  temperature'])
  expect(look({ text: 'nothing' })).toEqual([])
})

test('a search by topic filter finds as MQTT does', () => {
  expect(look({ text: '+/status' })).toEqual(['usp -', '  status'])
  // `usp/#` matches `usp` too: what is below it is opened by hand.
  expect(look({ text: 'usp/#' })).toEqual(['usp +'])
})

test('other orders are by what happened', () => {
  expect(look({ sort: 'messages' })).toEqual(['usp +', 'lab +'])
  expect(look({ sort: 'recent' })).toEqual(['lab +', 'usp +'])
  expect(look({ sort: 'messages', levels: 9, text: 'agent' })).toEqual([
    'usp -',
    '  agent -',
    '    os::1',
    '    os::10',
    '    os::2',
  ])
})

test('only what is retained', () => {
  expect(look({ retainedOnly: true })).toEqual(['usp -', '  status'])
})

test('what was folded stands at the end of its branch', () => {
  const small = new TopicTree({ nodes: 10, characters: 1000 })
  for (let i = 0; i < 12; i++)
    small.take(small.reach(`t/${i}`), { no: i + 1, time: i, bytes: 1, passage: 'published' })
  const lines = topicLines(
    small,
    { text: '', levels: 1, except: new Set(), sort: 'name', retainedOnly: false },
    10,
  )
  // All but the line of the branch and this one are topics.
  expect(lines.at(-1)).toMatchObject({ kind: 'folded', node: { path: 't', folded: 12 - (lines.length - 2) } })
})
