/**
 * A test that shows what the standard asks: one script, played in each version that has the statements it names.
 * They stand in its title (`5.0 [MQTT-3.1.0-2] a second CONNECT …`), where `report.ts` reads them.
 */
import { test } from 'vitest'
import type { BrokerOverrides } from '../support/broker.ts'
import { openScene, type Level, type Scene } from './rig.ts'
import type { Version } from './statement.ts'

/** Numbers of statements by version, with spaces between them. */
export type Shown = Partial<Record<Version, string>>

export interface ShowsOptions {
  readonly broker?: BrokerOverrides
}

const LEVELS: Readonly<Record<Version, Level>> = { '3.1.1': 4, '5.0': 5 }

export function shows(
  says: string,
  statements: Shown,
  play: (scene: Scene) => Promise<void>,
  { broker }: ShowsOptions = {},
): void {
  for (const [version, ids] of Object.entries(statements) as [Version, string][]) {
    const names = ids.split(' ').map((id) => `[MQTT-${id}]`)
    test(`${version} ${names.join(' ')} ${says}`, async () => {
      const scene = await openScene(LEVELS[version], broker)
      try {
        await play(scene)
      } finally {
        await scene.bench.close()
      }
    })
  }
}
