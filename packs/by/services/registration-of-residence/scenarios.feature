# What the service must do, in words. Run with:  madang pack test packs/by
# The people are fictional. The fee, its refunds and the article of an unpaid application are those of a demonstration: a
# lawyer checks them against the current text before a house uses this.

Feature: Registration of residence (procedure 13.1)

  Scenario: Nothing begins before the fee is paid, and two officers look at it
    Given today is "2026-11-23 10:00"
    When "Ivan Zharski" asks for it
      | Town or village         | Maladziečna         |
      | Street                  | vulica Prytyckaha   |
      | House                   | 13                  |
      | Why may you live there? | I rent it           |
    Then the case waits for the fee
    When the fee is paid at the desk
    Then the case goes to an officer
    And the reason is "The document for the new address must be looked at."
    And the answer is due by "2026-11-26 17:00"
    When the officer grants it by "13.1" because "The lease of 1 November 2026 was shown."
    Then the certificate is issued

  Scenario: A child's registration costs nothing
    Given the applicant claims the exemption "minor"
    When "Alena Kavalenka" asks for it for "Maksim Kavalenka"
      | Town or village         | Maladziečna         |
      | Street                  | vulica Prytyckaha   |
      | House                   | 13                  |
      | Why may you live there? | The owner agrees    |
    Then the case goes to an officer

  Scenario: A second registration at the same address is refused
    Given the applicant claims the exemption "conscript"
    When "Alena Kavalenka" asks for it
      | Town or village         | Maladziečna         |
      | Street                  | vulica Prytyckaha   |
      | House                   | 12                  |
      | Flat                    | 45                  |
      | Why may you live there? | I rent it           |
    Then the case goes to an officer
    And the reason is "The population register holds this address for the person already."
    When the officer refuses it by "25" because "You are registered there already."
    Then the application is refused

  Scenario: What nobody pays for is closed
    Given today is "2026-11-23 10:00"
    When "Ivan Zharski" asks for it
      | Town or village         | Maladziečna         |
      | Street                  | vulica Prytyckaha   |
      | House                   | 13                  |
      | Why may you live there? | I rent it           |
    Then the case waits for the fee
    When it is "2026-12-01 09:00"
    Then the case is closed without a decision
    And the article is "Law No. 433-Z, article 17: an application without proof of payment is not worked on."

  Scenario: What is not answered in time goes to the superior body, and the fee is given back
    Given today is "2026-11-23 10:00"
    When "Ivan Zharski" asks for it
      | Town or village         | Maladziečna         |
      | Street                  | vulica Prytyckaha   |
      | House                   | 13                  |
      | Why may you live there? | I own the home, or a part of it |
    And the fee is paid at the desk
    And it is "2026-11-27 08:00"
    Then the fee is given back by "Tax Code, article 292: a duty is given back where nothing was done in time."
    And the case goes to an officer
