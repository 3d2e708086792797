import { describe, expect, it } from 'vitest'
import { keptWords, nextSteps, pendingWords, serverWords } from '../../../../renderer/features/nats/words.ts'
import { nats } from '../access/fake-access.ts'

describe('NATS in words', () => {
  it('says what to do only when something is to be done', () => {
    const steps = (change: Partial<typeof nats>) => nextSteps({ ...nats, ...change })
    expect(steps({ server: 'running', connected: true })).toEqual([])
    expect(steps({ server: 'starting' })).toEqual([])
    expect(steps({ server: 'external', connected: true })).toEqual([])
    expect(steps({ server: 'external', connected: false }).join()).toContain('keeps trying')
    expect(steps({ server: 'absent' }).join()).toContain('nats.url')
    expect(steps({ server: 'failed' })).toHaveLength(1)
  })

  it('shows trouble and only trouble in a colour of trouble', () => {
    const troubled = Object.entries({ ...serverWords, ...keptWords }).filter(
      ([, { tone }]) => tone === 'bad' || tone === 'warn',
    )
    expect(troubled.map(([state]) => state).sort()).toEqual(['away', 'failed', 'restarting', 'starting'])
  })

  it.each([
    [0, 'none'],
    [1, '1 change, written as soon as NATS is there'],
    [1200, '1,200 changes, written as soon as NATS is there'],
  ])('%i waiting are: %s', (pending, said) => expect(pendingWords(pending)).toBe(said))
})
