import type { GreyImage } from './types.js';

/**
 * A wave of ink on paper, [960, 1280], 0 = black: as large as photos are prepared. The first pictures take several times as
 * long as others, until their code is compiled; whoever answers people prepares this one beforehand.
 */
export function scrawl(): GreyImage {
  const [width, height] = [1280, 960];
  const data = new Uint8Array(width * height).fill(255);
  for (let x = 80; x < width - 80; x++) {
    const y = Math.round(480 + 240 * Math.sin(x / 40));
    for (let dy = -6; dy <= 6; dy++) data[(y + dy) * width + x] = 0;
  }
  return { width, height, data };
}
