Feature: a
Scenario: b
  Given "c" d
  | 1 |
