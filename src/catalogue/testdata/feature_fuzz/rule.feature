Feature: a
Rule: b
