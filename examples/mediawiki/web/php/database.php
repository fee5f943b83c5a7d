<?php
/** Connects to the wiki's database, or throws mysqli_sql_exception. */
function database(): mysqli {
	mysqli_report( MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT );
	$db = mysqli_init();
	$db->options( MYSQLI_OPT_CONNECT_TIMEOUT, 3 );
	// The exception contains the message of the warning.
	@$db->real_connect( getenv( 'WIKI_DB_HOST' ) ?: 'database', 'wiki', getenv( 'WIKI_DB_PASSWORD' ), 'wiki' );
	return $db;
}
