// The whole of dist/worker.js.
import { type Port, serve } from './host';

serve(globalThis as unknown as Port);
