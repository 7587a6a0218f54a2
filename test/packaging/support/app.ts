import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import process from 'node:process';
import { inject } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../../..');

/** Of the tools that build apps. Pinned: what is tried here is our package, not the newest release of theirs. */
export type Versions = Readonly<Record<string, string>>;

/** What an app is made of. */
export interface AppParts {
  /** A folder of `examples/` to copy. */
  readonly example?: string;
  /** Texts or bytes by path; over those of the example. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Exact versions, over the ranges of the example's package.json. */
  readonly versions?: Versions;
  /** Versions of what the dependencies depend on. */
  readonly overrides?: Versions;
  /** Whether the app's own files are ES modules. */
  readonly type?: 'module' | 'commonjs';
}

/** A finished command. */
export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A server that a command started. */
export interface Running {
  readonly url: string;
  /** Everything it printed so far. */
  readonly output: () => string;
  stop(): Promise<void>;
}

/** A program of somebody else, in a folder of its own, that has our tarball installed. */
export class App {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Writes the app and installs it from the registry, with the tarball in place of our released package. */
  static async make(name: string, parts: AppParts): Promise<App> {
    const { tarball, workshop } = inject('packed');
    const app = new App(path.join(workshop, name));
    mkdirSync(app.folder, { recursive: true });
    if (parts.example) {
      // Without what was installed or built there by hand.
      const isSource = (file: string) => !/^(node_modules|dist|\.next|\.parcel-cache|package-lock\.json)$/.test(file);
      const from = path.join(ROOT, 'examples', parts.example);
      cpSync(from, app.folder, { recursive: true, filter: (file) => file === from || isSource(path.basename(file)) });
    }
    for (const [file, content] of Object.entries(parts.files ?? {})) app.write(file, content);
    app.#writeManifest(name, tarball, parts);
    const { status, stderr } = await app.run('npm', [
      'install',
      '--prefer-offline',
      '--no-audit',
      '--no-fund',
      '--ignore-scripts',
      '--loglevel=error',
    ]);
    if (status !== 0) throw new Error(`npm install failed in ${name}:\n${stderr}`);
    return app;
  }

  write(file: string, content: string | Uint8Array): void {
    mkdirSync(path.dirname(this.path(file)), { recursive: true });
    writeFileSync(this.path(file), content);
  }

  path(...names: string[]): string {
    return path.join(this.folder, ...names);
  }

  /** Runs a program of `node_modules/.bin` or of the machine to its end. */
  run(program: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      const child = spawn(this.#find(program), args, { cwd: this.folder, env: { ...cleanEnv(), ...env } });
      const [out, err]: [Buffer[], Buffer[]] = [[], []];
      child.stdout.on('data', (chunk) => out.push(chunk));
      child.stderr.on('data', (chunk) => err.push(chunk));
      child.on('error', reject);
      child.on('close', (status) => {
        resolve({ status, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() });
      });
    });
  }

  /** {@link App.run} that must succeed. */
  async build(program: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
    const outcome = await this.run(program, args, env);
    if (outcome.status === 0) return outcome;
    throw new Error(`${program} ${args.join(' ')} failed:\n${outcome.stdout}\n${outcome.stderr}`);
  }

  /** Starts a server and waits until it prints its address. */
  start(program: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Running> {
    // A group of its own: what it starts is ended with it.
    const child = spawn(this.#find(program), args, {
      cwd: this.folder,
      env: { ...cleanEnv(), ...env },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const stop = (): Promise<void> =>
      new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return resolve();
        child.once('close', () => resolve());
        process.kill(-child.pid, 'SIGKILL');
      });
    return new Promise((resolve, reject) => {
      const fail = (why: string): void => {
        void stop();
        reject(new Error(`${program} ${why}:\n${output}`));
      };
      const timer = setTimeout(() => fail('printed no address'), 180_000);
      const listen = (chunk: Buffer): void => {
        // Without colours.
        output += chunk.toString().replaceAll(new RegExp(`${String.fromCharCode(27)}\\[\\d*m`, 'g'), '');
        const url = /http:\/\/(?:localhost|127\.0\.0\.1|\[::1\]):\d+[^\s,]*/.exec(output)?.[0];
        if (!url) return;
        clearTimeout(timer);
        resolve({ url, output: () => output, stop });
      };
      child.stdout.on('data', listen);
      child.stderr.on('data', listen);
      child.on('error', reject);
      child.on('exit', (code) => {
        clearTimeout(timer);
        fail(`ended with code ${code}`);
      });
    });
  }

  #find(program: string): string {
    const local = this.path('node_modules/.bin', program);
    return existsSync(local) ? local : program === 'node' ? process.execPath : program;
  }

  #writeManifest(name: string, tarball: string, { type, versions = {}, overrides }: AppParts): void {
    const file = this.path('package.json');
    const manifest = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { name, private: true };
    if (type) manifest.type = type;
    if (overrides) manifest.overrides = overrides;
    manifest.dependencies = { ...manifest.dependencies, 'asl-fingerspell': `file:${tarball}` };
    for (const [dependency, version] of Object.entries(versions)) {
      const kind = manifest.dependencies[dependency] ? 'dependencies' : 'devDependencies';
      manifest[kind] = { ...manifest[kind], [dependency]: version };
    }
    writeFileSync(file, JSON.stringify(manifest, null, 2));
  }
}

/** A port that nobody uses, for servers that take no 0. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, 'localhost', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** The environment without what the test runner put there: tools decide by it whether they build for tests. */
function cleanEnv(): NodeJS.ProcessEnv {
  const own =
    /^(NODE_ENV|NODE_OPTIONS|NODE_PATH|VITEST.*|VITE_.*|TEST|DEV|PROD|MODE|SSR|BASE_URL|FORCE_COLOR|INIT_CWD)$/;
  const kept = Object.entries(process.env).filter(([key]) => !own.test(key));
  return { ...Object.fromEntries(kept), NO_COLOR: '1', NEXT_TELEMETRY_DISABLED: '1', PARCEL_WORKERS: '0' };
}
