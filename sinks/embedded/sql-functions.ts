const operators = '+ - * / // % || ~~ !~~ ~~* !~~* ~~~ ^@ -> ->> !'.split(' ');

const aggregateFunctions = `
  count count_star count_if sum avg mean min max first last any_value arg_max arg_min max_by min_by mode median quantile
  quantile_cont quantile_disc approx_count_distinct approx_quantile stddev stddev_pop stddev_samp variance var_pop
  var_samp corr covar_pop covar_samp skewness kurtosis entropy bool_and bool_or product string_agg list array_agg
  histogram regr_slope regr_intercept regr_r2`;

const windowFunctions = `
  row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value`;

const textFunctions = `
  lower upper length strlen substring substr left right trim ltrim rtrim replace reverse contains starts_with ends_with
  prefix suffix position strpos instr split split_part string_split concat concat_ws regexp_matches regexp_extract
  regexp_extract_all regexp_replace regexp_full_match like_escape ilike_escape not_like_escape not_ilike_escape ascii
  chr md5 hash levenshtein jaccard jaro_winkler_similarity format_bytes nullif coalesce ifnull if greatest least`;

const timeFunctions = `
  date_trunc datetrunc date_part datepart date_diff datediff date_sub time_bucket epoch epoch_ms epoch_us strftime
  strptime try_strptime to_timestamp make_timestamp make_timestamp_ms make_date year month day hour minute second
  millisecond dayofweek dayofyear week weekofyear isodow quarter dayname monthname last_day now current_timestamp
  get_current_timestamp today current_date to_days to_hours to_minutes to_seconds to_milliseconds to_months to_years
  to_weeks age`;

const numberFunctions = `
  abs ceil ceiling floor round trunc sign sqrt cbrt exp ln log log2 log10 pow power mod greatest least isnan isinf
  isfinite pi sin cos tan atan atan2 width_bucket divide subtract add multiply`;

const valueFunctions = `
  json_extract json_extract_string json_extract_path json_extract_path_text json_type json_valid json_keys json_exists
  json_array_length json_contains struct_pack struct_extract row list_value list_extract array_extract list_contains
  array_contains list_has len array_length element_at typeof`;

/**
 * The functions that the SQL console knows: none reads a file, a setting, a table by its name, or makes much out of
 * little. Lower case.
 */
export const allowedFunctions: ReadonlySet<string> = new Set([
  ...operators,
  ...[
    aggregateFunctions,
    windowFunctions,
    textFunctions,
    timeFunctions,
    numberFunctions,
    valueFunctions,
  ].flatMap((names) => names.trim().split(/\s+/)),
]);
