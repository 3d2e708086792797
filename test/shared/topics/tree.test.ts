import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nodesBelow, TopicTree, type Passage, type TopicPacket } from '../../../shared/topics/tree.ts'

const packet = (no: number, more: Partial<TopicPacket> = {}): TopicPacket => ({
  no,
  time: no,
  bytes: 10,
  passage: 'published',
  ...more,
})

const paths = (tree: TopicTree): string[] => [...nodesBelow(tree.root)].map(({ path }) => path)

test('a topic counts in itself and in everything above it', () => {
  const tree = new TopicTree()
  tree.take(tree.reach('a/b/c'), packet(1))
  tree.take(tree.reach('a/b'), packet(2, { bytes: 5 }))
  tree.take(tree.reach('a/b/c'), packet(3, { passage: 'delivered' }))
  expect(tree.find('a')).toMatchObject({ published: 2, delivered: 1, bytes: 25, topics: 2, isTopic: false })
  expect(tree.find('a/b')).toMatchObject({ published: 2, topics: 2, isTopic: true, last: 2 })
  expect(tree.find('a/b/c')).toMatchObject({ published: 1, topics: 1, last: 1 })
  expect(tree.root).toMatchObject({ published: 2, topics: 2 })
  expect(tree.find('a/x')).toBeUndefined()
})

test('empty levels are levels', () => {
  const tree = new TopicTree()
  for (const topic of ['/', '/a', 'a//b', '']) tree.take(tree.reach(topic), packet(1))
  expect(paths(tree)).toEqual(['', '/', '/a', 'a', 'a/', 'a//b'])
  expect(tree.root.topics).toBe(4)
})

test('a delivery is a value only of what nobody was seen to publish', () => {
  const tree = new TopicTree()
  const status = tree.reach('status')
  tree.take(status, packet(1, { passage: 'delivered' }))
  expect(status.last).toBe(1)
  tree.take(status, packet(2))
  tree.take(status, packet(3, { passage: 'delivered' }))
  expect(status).toMatchObject({ last: 2, published: 1, delivered: 2 })
})

test('what turns out to be refused is no value, also afterwards', () => {
  const tree = new TopicTree()
  const node = tree.reach('a')
  tree.take(node, packet(1))
  tree.take(node, packet(2))
  tree.refuse(node, 2)
  tree.take(node, packet(3, { passage: 'refused' }))
  expect(node).toMatchObject({ last: 1, published: 1, refused: 2 })
})

test('retained messages are counted upwards once', () => {
  const tree = new TopicTree()
  for (const on of [true, true, false, true]) tree.retain(tree.reach('a/b'), on)
  expect(tree.find('a')?.retained).toBe(1)
  tree.retain(tree.reach('a/b'), false)
  expect(tree.root.retained).toBe(0)
})

test('a rate is that of the last seconds, and falls when nothing comes', () => {
  const tree = new TopicTree()
  const node = tree.reach('a')
  for (let i = 0; i < 1000; i++) tree.take(node, packet(i + 1, { time: i / 10 }))
  expect(node.rate(100)).toBeGreaterThan(9)
  expect(node.rate(100)).toBeLessThan(11)
  expect(node.rate(140)).toBeLessThan(0.01)
})

describe('too many topics', () => {
  const limits = { nodes: 20, characters: 10_000 }

  test('fold into what is above them, those that changed least recently first', () => {
    const tree = new TopicTree(limits)
    for (let i = 0; i < 25; i++) tree.take(tree.reach(`t/${i}`), packet(i + 1))
    const t = tree.find('t')
    expect(tree.nodes).toBeLessThanOrEqual(20)
    expect(t?.published).toBe(25)
    expect(t?.folded).toBe(25 - (t?.topics ?? 0))
    expect(t?.foldedMessages).toBe(t?.folded)
    expect(tree.find('t/0')).toBeUndefined()
    expect(tree.find('t/24')?.last).toBe(25)
  })

  test('a branch of which nothing is left folds as well, a retained topic does not', () => {
    const tree = new TopicTree(limits)
    tree.retain(tree.reach('kept/a'), true)
    for (let i = 0; i < 60; i++) tree.take(tree.reach(`${i}/x/y`), packet(i + 1))
    expect(tree.find('0')).toBeUndefined()
    expect(tree.find('kept/a')?.isRetained).toBe(true)
    expect(tree.root.folded).toBeGreaterThan(30)
  })

  test('a topic of more levels than can be walked is a topic still', () => {
    const tree = new TopicTree()
    const deep = Array.from({ length: 5000 }, () => 'x').join('/')
    tree.take(tree.reach(deep), packet(1))
    expect(tree.find(deep)?.path).toBe(deep)
    expect(tree.nodes).toBe(100)
  })
})

test('whatever comes, the parts add up to the whole and the limit holds', () => {
  const passages: readonly Passage[] = ['published', 'delivered', 'refused']
  const step = fc.record({
    topic: fc.array(fc.constantFrom('a', 'b', 'c', ''), { minLength: 1, maxLength: 5 }),
    passage: fc.constantFrom(...passages),
    retain: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const tree = new TopicTree({ nodes: 30, characters: 1000 })
      let kept = 0
      steps.forEach(({ topic, passage, retain }, index) => {
        const node = tree.reach(topic.join('/'))
        tree.take(node, packet(index + 1, { passage }))
        if (kept < 5 || node.isRetained) tree.retain(node, retain)
        kept = tree.root.retained
      })
      const { root } = tree
      const nodes = [...nodesBelow(root)]
      expect(nodes.length).toBe(tree.nodes)
      // Retained topics with what is above them, and the newest one, may not go.
      expect(tree.nodes).toBeLessThanOrEqual(30 + 6 * 5)
      expect(root.published + root.delivered + root.refused).toBe(steps.length)
      expect(nodes.filter(({ isTopic }) => isTopic).length).toBe(root.topics)
      expect(nodes.filter(({ isRetained }) => isRetained).length).toBe(root.retained)
      for (const node of nodes) expect(tree.find(node.path)).toBe(node)
    }),
    { numRuns: 60 },
  )
})
