<?php
// Ready if the database responds. Fast enough for a probe every second.
require __DIR__ . '/database.php';
try {
	database()->query( 'SELECT 1' );
	echo "ready\n";
} catch ( mysqli_sql_exception $e ) {
	http_response_code( 503 );
	echo "database: {$e->getMessage()}\n";
}
