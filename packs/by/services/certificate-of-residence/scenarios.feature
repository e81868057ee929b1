# What the service must do, in words. Run with:  madang pack test packs/by
# The people are fictional and stand in packs/by/people.json; the places are real.

Feature: Certificate of residence (procedure 1.3.4)

  Scenario: A person registered at the address gets the certificate at once
    Given today is "2026-11-23 10:00"
    When "Alena Kavalenka" asks for the certificate
      | Town or village                          | Maladziečna        |
      | Street                                   | vulica Prytyckaha  |
      | House                                    | 12                 |
      | Flat                                     | 45                 |
      | Where will you show the certificate?     | At work            |
    Then the certificate is issued at once
    And the reason is "The population register confirms that the person lives at this address."
    And the article is "Decree No. 200, item 1.3.4"
    And the answer is due by "2026-11-23 17:00"
    And the certificate is valid until "2027-05-23"

  Scenario: Capitals and stray blanks in the address do not matter
    When "Alena Kavalenka" asks for the certificate
      | Town or village                          | MALADZIEČNA          |
      | Street                                   | vulica   prytyckaha  |
      | House                                    | 12                   |
      | Flat                                     | 45                   |
      | Where will you show the certificate?     | At a bank            |
    Then the certificate is issued at once

  Scenario: A parent asks for a child who lives with her
    When "Alena Kavalenka" asks for the certificate for "Maksim Kavalenka"
      | Town or village                          | Maladziečna                 |
      | Street                                   | vulica Prytyckaha           |
      | House                                    | 12                          |
      | Flat                                     | 45                          |
      | Where will you show the certificate?     | At a kindergarten or school |
    Then the certificate is issued at once

  Scenario: Another address than the register's goes to an officer
    When "Siarhei Navumovich" asks for the certificate
      | Town or village                          | Maladziečna         |
      | Street                                   | vulica Prytyckaha   |
      | House                                    | 12                  |
      | Where will you show the certificate?     | At work             |
    Then the case goes to an officer
    And the reason is "The population register holds another address for this person."
    When the officer grants it by "1.3.4" because "The lease of 1 November 2026 was shown at the counter."
    Then the certificate is issued

  Scenario: A person without a registered residence is refused with the article of law
    When "Ivan Zharski" asks for the certificate
      | Town or village                          | Maladziečna         |
      | Street                                   | vulica Prytyckaha   |
      | House                                    | 3                   |
      | Where will you show the certificate?     | In court or at a notary |
    Then the case goes to an officer
    And the reason is "The population register holds no place of residence for this person."
    When the officer refuses it by "25" because "No document shows that the applicant lives there."
    Then the application is refused

  Scenario: A missing answer is asked for, not guessed
    When "Alena Kavalenka" asks for the certificate
      | Town or village                          | Maladziečna        |
      | Street                                   |                    |
      | House                                    | twelve             |
      | Where will you show the certificate?     | At work            |
    Then "Street" has the problem "Enter {label}"
    And "House" has the problem "House must be a number, such as 12 or 12A"
    And nothing was submitted
