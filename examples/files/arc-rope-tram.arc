filedesc://crawl-0001.arc 0.0.0.0 20250420000000 text/plain 68
1 0 Crawler
URL IP-address Archive-date Content-type Archive-length

http://rhonegazette.example/news/rope-tram 192.0.2.7 20250420101112 text/html 1171
HTTP/1.1 200 OK
Content-Type: text/html; charset=utf-8

<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Passengers to pull the hill tram on Sundays | Rhone Gazette</title><meta name="author" content="Odile Brun"><meta property="og:site_name" content="Rhone Gazette"><meta property="article:published_time" content="2025-04-18T09:00:00+02:00"></head>
<body><nav><a href="/">Home</a> <a href="/news">News</a> <a href="/sport">Sport</a></nav><main><article><h1>Passengers to pull the hill tram on Sundays</h1><p class="byline">By Odile Brun</p><p>The tram that climbs from the harbour of Lyon’s river port to the market will be pulled by its passengers on Sundays, with ropes.</p><p>The transport company said that nobody would be forced to pull, and that the fare for those who did would be halved on the way up and doubled on the way down.</p><p>Pauline Vasseur, who rode it in her childhood, said the brakes had always been the passengers’ business.</p><p>A similar plan in Grenoble was dropped in March because the hill was found to be on the other side.</p></article></main><footer><p>&copy; 2025 All rights reserved.</p></footer></body></html>
