/** Which test files show statements, and what vitest says of the tests in them. */
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The tests of this folder, and those of the broker whose titles name statements. */
export function suite(): readonly string[] {
  const broker = 'test/engine/broker'
  const tests = readdirSync(join(root, broker), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => join(broker, file))
    .filter((file) => readFileSync(join(root, file), 'utf8').includes('[MQTT-'))
  return ['test/conformance', ...tests]
}

/** Runs vitest in this project and answers its exit code. */
export function vitest(args: readonly string[], { quiet }: { readonly quiet: boolean }): Promise<number> {
  const program = resolve(root, 'node_modules/vitest/vitest.mjs')
  const child = spawn(process.execPath, [program, ...args], {
    cwd: root,
    stdio: quiet ? 'ignore' : ['ignore', 'inherit', 'inherit'],
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve(code ?? 1))
  })
}
