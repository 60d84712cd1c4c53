;; Answers with a case that the contract does not have.
(func $attack (result i32) (i32.store8 (i32.const 32) (i32.const 7)) (i32.const 32))
