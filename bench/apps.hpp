// The apps of the simulated site: the repository lists them, engines load them, events name them.
#pragma once

#include <array>

namespace senseflow::bench {

struct app {
  const char* id;
  const char* name;
  const char* description;
};

inline constexpr std::array<app, 8> apps{{
    {"5f1c2a84-0b7d-4e0e-9f5b-6a1d2c3e4f01", "Sales overview", "Sales by region and month"},
    {"a27d9c10-63f4-4c58-8b1e-0d9e7f6a5b02", "Stock levels", "What lies in which warehouse"},
    {"3e8b6f52-91ac-4d7a-a0c3-58f2e1d4c703", "Budget follow-up", ""},
    {"c94015de-7a3b-4f16-b6e8-21a7c5d9e804", "Customer service", "Cases, answers, waiting times"},
    {"08d7e3b9-52c1-4a8f-9d64-f3b0a6c1d905", "Licence monitor", "Use of licences"},
    {"e1b64c7a-d80f-4925-8c3d-7b5e9a0f2a06", "Production quality", "Scrap and rework per line"},
    {"72f0a8d3-1e69-4b5c-a7f2-c6d4b8e91b07", "Energiförbrukning", "Name with letters outside ASCII"},
    {"bd5392e6-c4f8-4071-9e2a-40f1d7b6ac08", "Deliveries", "On time, late, lost"},
}};

} // namespace senseflow::bench
