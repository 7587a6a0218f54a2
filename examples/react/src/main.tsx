import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Speller } from './speller';
import './speller.css';

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <Speller />
    </StrictMode>,
  );
}
