/** The password grant of Spring Security 7, which is gone, beside Monotoken's. */
@NullMarked
package io.monotoken.samples.fromspringsecurity;

import org.jspecify.annotations.NullMarked;
