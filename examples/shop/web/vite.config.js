import { defineConfig } from "vite";

// The page speaks to its own host only; what begins with /api is the API's, wherever that listens.
export default defineConfig({
  server: {
    proxy: {
      "/api": { target: process.env.API_URL, ws: true },
    },
  },
});
